// SQLite for the cloud's database.
#pragma once
#include <sqlite3.h>

/// The destructor that makes SQLite copy a bound value; a macro in the original.
static inline sqlite3_destructor_type hubrig_SQLITE_TRANSIENT(void) { return SQLITE_TRANSIENT; }
