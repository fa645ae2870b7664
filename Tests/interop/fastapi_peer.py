"""The old system's stack with the two routes that the benchmark compares: FastAPI over SQLite."""

import sqlite3
import sys
import time
import uuid

import uvicorn
from fastapi import FastAPI, Header, HTTPException
from pydantic import BaseModel, Field

database = sqlite3.connect(sys.argv[2], check_same_thread=False, isolation_level=None)
database.row_factory = sqlite3.Row
database.execute("PRAGMA journal_mode = WAL")
database.execute("PRAGMA synchronous = FULL")
application = FastAPI()


class NewJob(BaseModel):
    print_file_id: str = Field(min_length=36, max_length=36)
    priority: int = Field(0, ge=-1000, le=1000)


def tenant_of(authorization: str) -> str:
    row = database.execute(
        "SELECT tenant_id FROM sessions WHERE token = ?", (authorization.removeprefix("Bearer "),)
    ).fetchone()
    if row is None:
        raise HTTPException(401)
    return row["tenant_id"]


@application.get("/api/v1/printers")
def printers(authorization: str = Header()):
    tenant = tenant_of(authorization)
    rows = database.execute(
        "SELECT * FROM printers WHERE tenant_id = ? ORDER BY sort_order, created_at, id", (tenant,)
    )
    return {"data": [dict(row) for row in rows]}


@application.post("/api/v1/jobs", status_code=201)
def make_job(job: NewJob, authorization: str = Header()):
    tenant = tenant_of(authorization)
    now = int(time.time() * 1000)
    name = str(uuid.uuid4())
    file = database.execute(
        "SELECT * FROM print_files WHERE tenant_id = ? AND id = ?", (tenant, job.print_file_id)
    ).fetchone()
    if file is None:
        raise HTTPException(404)
    database.execute(
        "INSERT INTO print_jobs (id, tenant_id, print_file_id, file_name, status, color, filament_type,"
        " material_type, priority, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, 'queued', 'any', 'PLA', 'PLA', ?, ?, ?)",
        (name, tenant, job.print_file_id, file["name"], job.priority, now, now),
    )
    row = database.execute("SELECT * FROM print_jobs WHERE id = ?", (name,)).fetchone()
    return {"data": dict(row)}


if __name__ == "__main__":
    uvicorn.run(application, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
