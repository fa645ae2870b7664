// SQLite for the cloud's database.
#pragma once
#include <sqlite3.h>

/// The destructor that makes SQLite copy a bound value; a macro in the original.
static inline sqlite3_destructor_type hubrig_SQLITE_TRANSIENT(void) { return SQLITE_TRANSIENT; }

// Extended result codes: macros that Swift does not see.
enum {
  hubrig_SQLITE_CONSTRAINT_UNIQUE = SQLITE_CONSTRAINT_UNIQUE,
  hubrig_SQLITE_CONSTRAINT_PRIMARYKEY = SQLITE_CONSTRAINT_PRIMARYKEY,
  hubrig_SQLITE_CONSTRAINT_ROWID = SQLITE_CONSTRAINT_ROWID,
  hubrig_SQLITE_CONSTRAINT_FOREIGNKEY = SQLITE_CONSTRAINT_FOREIGNKEY,
};

/// To be called before SQLite is used; it takes what varies in the original.
static inline void hubrig_sqlite3_count_no_memory(void) {
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}
