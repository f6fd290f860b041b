package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/ledger"
)

// picked is the command pick NAME ADDRESS REGEXP: keeps the first group of REGEXP in
// the newest text to ADDRESS that matches it.
func picked(ts *testscript.TestScript, _ bool, args []string) {
	need(ts, args, 3, "pick NAME ADDRESS REGEXP")
	want := regexp.MustCompile(args[2])
	all := stageOf(ts).outgoing(ts, args[1])
	slices.Reverse(all)
	for _, text := range all {
		if m := want.FindStringSubmatch(text); len(m) > 1 {
			ts.Setenv(args[0], m[1])
			return
		}
	}
	ts.Fatalf("nothing to %s matches %s: %q", args[1], args[2], all)
}

// fetched is the command [!] fetch LINK CODE FILE: a person without any token opens
// the page behind a link, which shows a form and uses nothing up, and sends the code.
func fetched(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, args, 3, "fetch LINK CODE FILE")
	s := stageOf(ts)
	_, path, ok := strings.Cut(args[0], "/packages/")
	if !ok {
		ts.Fatalf("%q is no link to a package", args[0])
	}
	at := s.world(ts).base + "/packages/" + path
	form := s.anybody(ts, http.MethodGet, at, "")
	if form.status != http.StatusOK || !strings.Contains(form.body, "<form") {
		ts.Fatalf("the page of the link: %d %s", form.status, form.body)
	}
	s.last = s.anybody(ts, http.MethodPost, at, url.Values{"code": {args[1]}}.Encode())
	s.settle()
	if (s.last.status == http.StatusOK) == neg {
		ts.Fatalf("the link answered %d", s.last.status)
	}
	if neg {
		if s.last.body != "" {
			ts.Fatalf("a refusal says %q", s.last.body)
		}
		return
	}
	write(ts, args[2], s.last.body)
}

// anybody makes a call without a token.
func (s *stage) anybody(ts *testscript.TestScript, method, at, form string) reply {
	r, err := http.NewRequestWithContext(s.t.Context(), method, at, strings.NewReader(form))
	ts.Check(err)
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return do(s.t, r)
}

// filed is the command keep FILE: the last answer as a file.
func filed(ts *testscript.TestScript, _ bool, args []string) {
	need(ts, args, 1, "keep FILE")
	write(ts, args[0], stageOf(ts).last.body)
}

// archived is the command [!] archive FILE: the package in FILE holds what was
// signed, by the key of the log and nothing else: manifest, every file, its schema,
// and the proof of every entry of the log that is old enough to be sealed. With !
// it does not. It prints package.json.
func archived(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, args, 1, "archive FILE")
	s := stageOf(ts)
	whole := []byte(ts.ReadFile(args[0]))
	key, err := s.world(ts).env.Ledger.PublicKey(s.t.Context(), s.tenant)
	ts.Check(err)
	_, err = dossier.Check(whole, key)
	if neg {
		if err == nil {
			ts.Fatalf("%s is taken for what was signed", args[0])
		}
		return
	}
	ts.Check(err)
	document := unzip(ts, whole)["package.json"]
	_, _ = ts.Stdout().Write(append(document, '\n')) // a buffer of the script's
	s.last = reply{status: http.StatusOK, body: string(document)}
	ts.Check(valid(document))
	var d dossier.Document
	ts.Check(json.Unmarshal(document, &d))
	proved := 0
	for _, e := range d.Log {
		if e.Proof == "" {
			if d.CreatedAt.Sub(e.At) > time.Hour {
				ts.Fatalf("an entry of %s is unproved at %s", e.At, d.CreatedAt)
			}
			continue
		}
		if _, err := ledger.CheckShown(e, ledger.Keys{Log: key}); err != nil {
			ts.Fatalf("the log's entry of %s: %v", e.At, err)
		}
		proved++
	}
	if d.Form == "access" && proved == 0 {
		ts.Fatalf("no entry of the log is proved")
	}
}

// valid checks a package.json by the published schema.
func valid(document []byte) error {
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(dossier.Schema))
	if err != nil {
		return err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("package.json", schema); err != nil {
		return err
	}
	compiled, err := c.Compile("package.json")
	if err != nil {
		return err
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return err
	}
	return compiled.Validate(v)
}

// unzip is every file of an archive by its name.
func unzip(ts *testscript.TestScript, whole []byte) map[string][]byte {
	z, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	ts.Check(err)
	out := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		ts.Check(err)
		out[f.Name], err = io.ReadAll(r)
		ts.Check(err)
		r.Close()
	}
	return out
}

// holding is the command [!] holds FILE TEXT…: the archive in FILE holds every TEXT
// in one of its files; with ! none of them, in no file and no name, however it is
// written: in base64, as UTF-16, in JSON's escapes.
func holding(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, args, 2, "holds FILE TEXT…")
	seen := map[string]string{}
	files := unzip(ts, []byte(ts.ReadFile(args[0])))
	for _, text := range args[1:] {
		n := newNeedles([]string{text})
		for name, body := range files {
			for _, f := range append(n.in(body), n.in([]byte(name))...) {
				if neg || f.name == "UTF-8" {
					seen[text] = name + " as " + f.name
				}
			}
		}
		if neg && seen[text] != "" {
			ts.Fatalf("%s holds %q: %s", args[0], text, seen[text])
		}
		if !neg && seen[text] == "" {
			ts.Fatalf("%s lacks %q", args[0], text)
		}
	}
}

// garbled is the command garble FILE NAME OUT: FILE's archive with one byte of the
// file NAME changed.
func garbled(ts *testscript.TestScript, _ bool, args []string) {
	need(ts, args, 3, "garble FILE NAME OUT")
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, body := range unzip(ts, []byte(ts.ReadFile(args[0]))) {
		if name == args[1] {
			body[len(body)/2] ^= 1
		}
		w, err := z.Create(name)
		ts.Check(err)
		_, err = w.Write(body)
		ts.Check(err)
	}
	ts.Check(z.Close())
	write(ts, args[2], out.String())
}

func write(ts *testscript.TestScript, name, body string) {
	ts.Check(os.WriteFile(ts.MkAbs(name), []byte(body), 0o600))
}
