package policy

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// golden compares with a file under testdata, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; got:\n%s\nwant:\n%s", file, got, want)
	}
}

func day(s string) time.Time { return Date(s).In(time.UTC).Add(12 * time.Hour) }

func TestExplainNamesArticleAndClause(t *testing.T) {
	for _, c := range []struct{ pack, path, on string }{
		{"ekc", "breach.authority", "2026-11-23"},
		{"ekc", "retention.desk-other", "2026-11-23"},
		{"ekc", "logs.desk-login.period", "2026-11-23"},
		{"ekc", "breach.joint.agree", "2026-11-23"},
		{"ekc", "breach.authority", "2025-01-01"},
		{"ekc/business", "retention.platform.period", "2026-11-23"},
		{"ekc/business", "breach.joint.agree", "2025-12-31"},
		{"ekc/business", "breach.joint.agree", "2026-01-01"},
		{"laboss", "breach.processor", "2026-11-23"},
		{"saopnet", "breach.processor", "2026-11-23"},
		{"saopnet", "changes.withdraw", "2026-11-23"},
		{"saopnet", "changes.withdraw_late", "2026-11-23"},
		{"smernica-sk", "requests.answer", "2026-11-23"},
		{"2mobile", "access.password", "2026-11-23"},
	} {
		var b bytes.Buffer
		if err := WriteExplain(&b, Builtin(), c.pack, c.path, day(c.on), false); err != nil {
			t.Fatal(err)
		}
		golden(t, "explain/"+strings.ReplaceAll(c.pack, "/", "-")+"_"+c.path+"_"+c.on+".txt", b.Bytes())
	}
}

func TestExplainAsJSONIsOneLine(t *testing.T) {
	var b bytes.Buffer
	if err := WriteExplain(&b, Builtin(), "ekc", "breach.authority.within", day("2026-11-23"), true); err != nil {
		t.Fatal(err)
	}
	golden(t, "explain/ekc_breach.authority.within.json", b.Bytes())
	if bytes.Count(b.Bytes(), []byte("\n")) != 1 {
		t.Error("more than one line")
	}
}

func TestExplainOfNothingSaysWhatThereIs(t *testing.T) {
	err := WriteExplain(&bytes.Buffer{}, Builtin(), "ekc", "breach.autority", day("2026-11-23"), false)
	if err == nil || !strings.Contains(err.Error(), "authority, content, joint") {
		t.Errorf("error %v does not list the keys there are", err)
	}
	if err := WriteExplain(&bytes.Buffer{}, Builtin(), "ecc", "breach", day("2026-11-23"), false); err == nil || !strings.Contains(err.Error(), "ekc, ") {
		t.Errorf("error %v does not list the packs there are", err)
	}
}

func TestListAndCheckOfTheBuiltinPacks(t *testing.T) {
	for name, write := range map[string]func(*bytes.Buffer) error{
		"list.txt":        func(b *bytes.Buffer) error { return WriteList(b, Builtin(), "", false) },
		"list-ekc.jsonl":  func(b *bytes.Buffer) error { return WriteList(b, Builtin(), "ekc", true) },
		"check.txt":       func(b *bytes.Buffer) error { return WriteCheck(b, Builtin(), "", false) },
		"check-ekc.jsonl": func(b *bytes.Buffer) error { return WriteCheck(b, Builtin(), "ekc", true) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.Bytes())
	}
}
