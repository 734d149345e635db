"""python-odata against the server: it reads $metadata, makes classes of it, and lists, filters, orders, pages and counts.

What it finds is compared with what TQL finds in the same rows.
"""

import datetime
import json
import subprocess
import sys
import unittest
import urllib.parse
import urllib.request

from odata import ODataService

N_RUNS = 5000


class Client(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        command = [SERVER, "--generate", str(N_RUNS), "--listen", "127.0.0.1:0"]
        cls.program = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        for line in cls.program.stderr:
            if line.startswith("listening at "):
                cls.address = line.removeprefix("listening at ").strip()
                break
        cls.service = ODataService(cls.address + "/odata/v4/", reflect_entities=True, quiet_progress=True)
        cls.Run = cls.service.entities["Run"]

    @classmethod
    def tearDownClass(cls):
        cls.program.terminate()
        cls.program.stderr.close()
        assert cls.program.wait(30) == 0, "the server ends well when it is told to"

    def query(self):
        return self.service.query(self.Run)

    def tql(self, text, top=0):
        """How many rows TQL finds, and the first of them."""
        parameters = urllib.parse.urlencode({"tql": text, "$top": top})
        with urllib.request.urlopen(f"{self.address}/api/search/Run?{parameters}") as answer:
            page = json.load(answer)
        return page["Total"], page["Items"]

    def test_the_model_is_read(self):
        self.assertIn("Run", self.service.entities)
        self.assertTrue(hasattr(self.Run, "CreatedAt"))

    def test_lists_every_page(self):
        mobile = list(self.query().filter(self.Run.Project == "Mobile"))
        total, _ = self.tql("Project = Mobile")
        self.assertGreater(total, 200, "more than two pages of the server")
        self.assertEqual(len(mobile), total)
        self.assertEqual(len({run.Id for run in mobile}), total)

    def test_filters(self):
        found = self.query().filter((self.Run.Status == "Failed") & self.Run.Name.startswith("smoke")).all()
        found = list(found)
        total, _ = self.tql("Status = Failed AND Name ~ smoke")
        self.assertEqual(len(found), total)
        self.assertTrue(all(run.Status == "Failed" and run.Name.startswith("smoke") for run in found))
        february = datetime.datetime(2024, 2, 1, tzinfo=datetime.timezone.utc)
        self.assertEqual(self.query().filter(self.Run.CreatedAt >= february).count(), self.tql("CreatedAt >= 2024-02-01")[0])

    def test_orders_and_pages(self):
        _, expected = self.tql("Status = Failed ORDER BY CreatedAt DESC, Id", 7)
        query = self.query().filter(self.Run.Status == "Failed").order_by(self.Run.CreatedAt.desc(), self.Run.Id.asc())
        first = list(query.limit(4).all())
        query = self.query().filter(self.Run.Status == "Failed").order_by(self.Run.CreatedAt.desc(), self.Run.Id.asc())
        second = list(query.offset(4).limit(3).all())
        self.assertEqual([str(run.Id) for run in first + second], [run["Id"] for run in expected])

    def test_counts(self):
        self.assertEqual(self.query().count(), N_RUNS)
        self.assertEqual(self.query().filter(self.Run.Status == "Failed").count(), self.tql("Status = Failed")[0])

    def test_selects(self):
        found = self.query().select(self.Run.Id, self.Run.Status).limit(2).all()
        self.assertEqual([set(run) for run in found], [{"Id", "Status"}] * 2)


if __name__ == "__main__":
    SERVER = sys.argv.pop(1)
    unittest.main(verbosity=2)
