package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/store/sqlite"
)

// keyBackupLife is how long a copy of the keys may live: what was erased by
// destroying its key is gone from every copy after that (design.md, decision 5).
const keyBackupLife = 7 * 24 * time.Hour

// places says where a system keeps its things.
type places struct {
	Data string `help:"Data directory." env:"OKENCE_DATA" type:"path" default:".data/okence"`
	Keys string `help:"Key directory; by default that of the data with .keys behind its name." env:"OKENCE_KEYS" type:"path"`
}

func (p places) keys() string { return server{Data: p.Data, Keys: p.Keys}.keys() }

type backupCmd struct {
	places
	Out     string `help:"A new directory for the copy of the data." required:"" type:"path"`
	KeysOut string `help:"Where copies of the keys go, apart from those of the data; those older than seven days are removed there. Without it, keys are not copied." type:"path"`
}

// Run copies the data as of one moment while the system goes on: first the
// documents, then the files that they name. The processing log and the list of
// what was erased stand outside: a restored copy must not take them back.
func (c *backupCmd) Run() error {
	ctx := context.Background()
	if c.KeysOut != "" && within(c.KeysOut, c.Out) {
		return errors.New("--keys-out lies within --out: whoever has one copy must not have the other")
	}
	if err := os.Mkdir(c.Out, 0o700); err != nil {
		return err
	}
	if err := copyDatabase(ctx, filepath.Join(c.Data, "okence.db"), filepath.Join(c.Out, "okence.db")); err != nil {
		return err
	}
	n, err := copyTree(filepath.Join(c.Data, "blobs"), filepath.Join(c.Out, "blobs"))
	if err != nil {
		return err
	}
	fmt.Printf("data and %d files copied to %s\n", n, c.Out)
	if c.KeysOut == "" {
		return nil
	}
	at := filepath.Join(c.KeysOut, time.Now().UTC().Format("20060102T150405Z"))
	if err := os.MkdirAll(at, 0o700); err != nil {
		return err
	}
	if err := copyDatabase(ctx, filepath.Join(c.keys(), "keys.db"), filepath.Join(at, "keys.db")); err != nil {
		return err
	}
	if err := copyFile(filepath.Join(c.keys(), "root.json"), filepath.Join(at, "root.json")); err != nil {
		return err
	}
	gone, err := expire(c.KeysOut, time.Now())
	fmt.Printf("keys copied to %s, to be kept until %s; %d older copies removed\n", at, time.Now().Add(keyBackupLife).UTC().Format(time.RFC3339), gone)
	return err
}

// expire removes copies of keys that are too old.
func expire(dir string, now time.Time) (n int, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		made, perr := time.Parse("20060102T150405Z", e.Name())
		if perr != nil || now.Sub(made) < keyBackupLife {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

type restoreCmd struct {
	places
	From    string    `help:"The copy of the data." required:"" type:"path"`
	Replace bool      `help:"Replace the data that are there."`
	Now     time.Time `help:"What the clock of a system on a manual clock says, RFC 3339: the log's time never goes back. By default the wall's." placeholder:"TIME"`
}

// Run puts a copy of the data in place and erases again what was erased since it
// was made (P13). Until that is done the system does not open it: a marker stands
// beside the data, which only this command removes. It may be cut off and repeated.
func (c *restoreCmd) Run() error {
	ctx := context.Background()
	db := filepath.Join(c.Data, "okence.db")
	marker := filepath.Join(c.Data, host.RestoreMarker)
	if _, err := os.Stat(filepath.Join(c.Data, "ledger", "ledger.db")); err != nil {
		return fmt.Errorf("%s has no processing log, which also lists what was erased: bring that back first, it is no part of the copies of the data", c.Data)
	}
	if _, err := os.Stat(filepath.Join(c.From, "okence.db")); err != nil {
		return fmt.Errorf("%s is no copy of the data", c.From)
	}
	_, again := os.Stat(marker)
	if _, err := os.Stat(db); err == nil && !c.Replace && again != nil {
		return fmt.Errorf("%s holds data: name --replace to give them up", c.Data)
	}
	if err := os.WriteFile(marker, []byte(c.From+"\n"), 0o600); err != nil {
		return err
	}
	for _, f := range []string{db, db + "-wal", db + "-shm"} {
		if err := os.Remove(f); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.RemoveAll(filepath.Join(c.Data, "blobs")); err != nil {
		return err
	}
	if _, err := copyTree(filepath.Join(c.From, "blobs"), filepath.Join(c.Data, "blobs")); err != nil {
		return err
	}
	if err := copyFile(filepath.Join(c.From, "okence.db"), db); err != nil {
		return err
	}
	if err := c.forget(ctx); err != nil {
		return fmt.Errorf("the data are in place and stay closed until this succeeds: run it again: %w", err)
	}
	return os.Remove(marker)
}

// forget erases again, and lets the log say what the copy lacks.
func (c *restoreCmd) forget(ctx context.Context) error {
	settings, err := host.ReadSettings()
	if err != nil {
		return err
	}
	settings.Data, settings.Keys, settings.Restoring = c.Data, c.keys(), true
	if err := settings.Check(); err != nil {
		return err
	}
	now := time.Now
	if !c.Now.IsZero() {
		now = (&clock{manual: true, at: c.Now.UTC()}).Now
	}
	env, err := host.Open(settings, obs.Discard(), now)
	if err != nil {
		return err
	}
	defer env.Close()
	for tenant := range env.Tenants {
		terms, err := env.Terms(tenant)
		if err != nil {
			return err
		}
		e := erasure.New(env.Work, env.Ledger.Tree, "restore", access.Rights)
		out, err := e.Replay(ctx, tenant, erasure.GenericOf(terms), func(r erasure.Replayed) {
			fmt.Fprintf(os.Stderr, "\r%s: %d erasures looked through, %d records had come back", tenant, r.Items, r.Again)
		})
		if err != nil {
			return err
		}
		if out.Items > 0 {
			fmt.Fprintln(os.Stderr)
		}
		lost, err := env.Ledger.Declare(ctx, tenant)
		if err != nil {
			return err
		}
		fmt.Printf("%s: %d records erased again, of %d; %d entries of the log are not in this copy, and the log says so\n", tenant, out.Again, out.Items, lost)
	}
	return nil
}

func copyDatabase(ctx context.Context, from, to string) error {
	if _, err := os.Stat(from); err != nil {
		return err
	}
	s, err := sqlite.Open(from, sqlite.Options{})
	if err != nil {
		return err
	}
	return errors.Join(s.Backup(ctx, to), s.Close())
}

// copyTree copies files as they are. One that goes meanwhile was erased.
func copyTree(from, to string) (n int, err error) {
	err = filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".tmp" {
				return fs.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		switch err := copyFile(path, filepath.Join(to, rel)); {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		}
		n++
		return nil
	})
	return n, err
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// within reports whether a path lies at or below another.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
