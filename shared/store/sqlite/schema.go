package sqlite

import (
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store/sqlite/internal/engine"
)

const (
	applicationID = 0x4f6b6e31 // "Okn1"
	userVersion   = 1
)

// schema is version 1. A later version adds a step from the one before it.
var schema = []string{
	`CREATE TABLE docs(
		key TEXT PRIMARY KEY NOT NULL,
		ver INTEGER NOT NULL,
		idx BLOB NOT NULL,
		body BLOB NOT NULL) WITHOUT ROWID`,
	`CREATE TABLE entries(
		part TEXT NOT NULL,
		sort TEXT NOT NULL,
		name TEXT NOT NULL,
		PRIMARY KEY(part, sort, name)) WITHOUT ROWID`,
	`PRAGMA application_id = 1332440625`,
	`PRAGMA user_version = 1`,
}

// prepareFile creates the schema in an empty file and refuses a file that is
// not ours. It reads the header only, so its time does not grow with the file.
func prepareFile(c *engine.Conn) error {
	fresh, err := checkHeader(c)
	if err != nil {
		return err
	}
	if fresh {
		// Has an effect before the first page is written only.
		if err := c.Exec("PRAGMA auto_vacuum=INCREMENTAL"); err != nil {
			return failed("open", err)
		}
	}
	for _, q := range []string{"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL"} {
		if err := c.Exec(q); err != nil {
			return failed("open", err)
		}
	}
	if !fresh {
		return nil
	}
	if err := c.Exec("BEGIN IMMEDIATE"); err != nil {
		return failed("create the schema", err)
	}
	// Another process may have been first.
	if fresh, err = checkHeader(c); err == nil && fresh {
		for _, q := range schema {
			if err = c.Exec(q); err != nil {
				break
			}
		}
	}
	if err == nil {
		err = c.Exec("COMMIT")
	}
	if err != nil {
		_ = c.Exec("ROLLBACK")
		return failed("create the schema", err)
	}
	return nil
}

// checkHeader reports whether the file is empty. An error: it is neither
// empty nor ours.
func checkHeader(c *engine.Conn) (fresh bool, err error) {
	var id, version, tables int64
	for _, r := range []struct {
		sql  string
		into *int64
	}{
		{"PRAGMA application_id", &id},
		{"PRAGMA user_version", &version},
		{"SELECT count(*) FROM sqlite_schema", &tables},
	} {
		if *r.into, err = c.Int(r.sql); err != nil {
			return false, failed("read the header", err)
		}
	}
	switch {
	case id == 0 && version == 0 && tables == 0:
		return true, nil
	case id != applicationID:
		return false, fault.New(fault.Internal, "sqlite: the file is a database of another application (id %d)", id)
	case version > userVersion:
		return false, fault.New(fault.Internal, "sqlite: the file has schema version %d, this program knows up to %d", version, userVersion)
	case version < 1:
		return false, fault.New(fault.Internal, "sqlite: the file has no schema version")
	}
	return false, nil
}
