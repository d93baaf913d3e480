"""Holds the figures of score.py --json to their floors: `floors.py SUMMARY.json`. Exit 1 below one."""
import json, sys

FLOORS = {  # what issue by issue was reached with the shipped model on the pack; raised, never lowered
    "fundus": {"sh_f1_lenient": 0.97, "near": 0.87, "cap_mf1": 0.90, "cap_cred": 0.89, "title_norm": 0.85, "auth_mf1": 0.945, "date": 0.98, "head_line": 0.97},
    "trafeval": {"snip_mf1": 0.94, "title_norm": 0.85, "auth_mf1": 0.82, "date": 0.855},
    "wcxb": {"w_f1": 0.92, "auth_mf1": 0.83},
}
CEILINGS = {"fundus": {"leak_m": 0.02, "cap_dup": 0.0, "dup_lines": 0.002}}

summary = json.load(open(sys.argv[1], encoding="utf-8"))
bad = [f"{summary[k]} {k} records" for k in ("missing", "errors") if summary[k]]
bad += [f"{page}: a caption repeated" for page, row in summary["pages"].items() if row.get("cap_dups")]
for limits, below in ((FLOORS, True), (CEILINGS, False)):
    for dataset, wanted in limits.items():
        figures = summary["groups"][f"{dataset}/dev/all"]
        for name, limit in wanted.items():
            if (figures[name] < limit) if below else (figures[name] > limit):
                bad.append(f"{dataset} {name} {figures[name]:.4f}, {'floor' if below else 'ceiling'} {limit}")
print("\n".join(bad) or "every figure holds its floor")
sys.exit(bool(bad))
