package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"mime/quotedprintable"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/okence/okence/shared/blob"
	blobfile "github.com/okence/okence/shared/blob/file"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store/sqlite"
	"github.com/okence/okence/shared/vault"
	vaultfile "github.com/okence/okence/shared/vault/file"
)

// piece is something readable of what is stored: a field of a document, clear or
// opened, an entry of an index, a file.
type piece struct {
	kind, id string // of the document; "" of what is none
	field    string // JSON name, name of a file field, "key", "index NAME"
	bytes    []byte
	sealed   bool // it came out of a sealed part
}

func (p piece) place() string { return p.kind + "." + p.field }

// contents are everything readable in a data directory for whoever has the keys too:
// every sealed part that any key that exists opens, every file, every index, the
// tree of the log.
type contents struct {
	pieces []piece
	shut   int      // parts that no key opens any more
	orphan []string // files that no document names and a key still opens
}

// openAll opens a data directory or a backup of one.
func openAll(t testing.TB, data, keys string) contents {
	t.Helper()
	o := opener{t: t, named: map[string]bool{}, keys: map[vault.Owner]*vault.Key{}, ids: map[string]bool{}}
	kms, err := vaultfile.Open(keys)
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := sqlite.Open(filepath.Join(keys, "keys.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer wrapped.Close()
	o.vault = vault.New(kms, wrapped)
	if _, err := os.Stat(filepath.Join(data, "blobs")); err == nil {
		files, err := blobfile.Open(filepath.Join(data, "blobs"))
		if err != nil {
			t.Fatal(err)
		}
		defer files.Close()
		o.blobs = files
	}
	docs := rows(t, filepath.Join(data, "okence.db"))
	o.everyKey(docs, rows(t, filepath.Join(keys, "keys.db")))
	for _, d := range docs {
		o.document(d)
	}
	o.indexes(filepath.Join(data, "okence.db"))
	o.files(filepath.Join(data, "blobs"))
	if tree := filepath.Join(data, "ledger", "ledger.db"); exists(tree) {
		for _, d := range rows(t, tree) {
			o.add("tree:"+d.Kind, d.ID, "body", d.Body)
			o.add("tree:"+d.Kind, d.ID, "key", []byte(d.ID))
		}
		o.indexes(tree)
	}
	return o.contents
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

type opener struct {
	contents
	t     testing.TB
	vault *vault.Vault
	blobs blob.Store
	keys  map[vault.Owner]*vault.Key
	ids   map[string]bool // of the keys that exist
	named map[string]bool // files that a document names
}

func (o *opener) add(kind, id, field string, b []byte) {
	o.pieces = append(o.pieces, piece{kind: kind, id: id, field: field, bytes: b})
}

// everyKey finds the keys of all owners that a part was ever sealed for.
func (o *opener) everyKey(docs, wrapped []document) {
	for _, d := range docs {
		for _, p := range o.unpack(d).Parts {
			if _, ok := o.keys[p.Owner]; !ok {
				o.keys[p.Owner] = o.key(d.Tenant, p.Owner)
			}
		}
	}
	for _, d := range wrapped { // a destroyed key leaves its name, and nothing wrapped
		var k struct {
			Wrapped []byte `json:"wrapped"`
		}
		if json.Unmarshal(d.Body, &k) == nil && len(k.Wrapped) > 0 {
			o.ids[d.ID] = true
		}
	}
}

// key is an owner's key; nil once it is destroyed.
func (o *opener) key(tenant string, owner vault.Owner) *vault.Key {
	found, err := o.vault.Existing(context.Background(), tenant, owner)
	if fault.Is(err, fault.Gone) {
		return nil
	}
	if err != nil {
		o.t.Fatal(err)
	}
	return found[0] // one was asked for
}

func (o *opener) unpack(d document) record.Body {
	b, err := record.Unpack(d.Body)
	if err != nil {
		o.t.Fatal(d.Key, err)
	}
	return b
}

// document opens one document: its key, its clear part and every sealed one.
func (o *opener) document(d document) {
	body := o.unpack(d)
	o.add(d.Kind, d.ID, "key", []byte(d.ID))
	o.fields(d, body.Clear, false)
	for _, p := range body.Parts {
		sealed := p.Bytes
		if p.Blob != "" {
			o.named[p.Blob] = true
			got, err := o.blobs.Get(context.Background(), p.Blob, 1<<30)
			if err != nil {
				o.t.Fatal(d.Key, err)
			}
			sealed = got
		}
		plain := o.open(d, body.Schema, p, sealed)
		switch {
		case plain == nil:
			o.shut++
		case p.File:
			o.pieces = append(o.pieces, piece{d.Kind, d.ID, strings.TrimPrefix(p.Name, "file "), plain, true})
		default:
			o.fields(d, plain, true)
		}
	}
}

// open tries the owner's key, then every other one.
func (o *opener) open(d document, schema int, p record.Sealed, sealed []byte) []byte {
	place := vault.Place{Tenant: d.Tenant, Subject: p.Owner.Subject, Kind: d.Kind, ID: d.ID, Field: p.Name, Schema: schema}
	if p.File {
		place.Schema = 0
	}
	for _, k := range append([]*vault.Key{o.keys[p.Owner]}, slices.Collect(maps.Values(o.keys))...) {
		if k == nil || k.ID() != vault.KeyID(sealed) {
			continue
		}
		plain, err := k.Open(place, sealed)
		if err != nil {
			o.t.Fatal(d.Key, p.Name, err)
		}
		if plain == nil {
			plain = []byte{}
		}
		return plain
	}
	return nil
}

// fields adds a JSON object's values, each under its name.
func (o *opener) fields(d document, object []byte, sealed bool) {
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(object, &all); err != nil {
		o.t.Fatal(d.Key, err)
	}
	for name, v := range all {
		o.pieces = append(o.pieces, piece{d.Kind, d.ID, name, v, sealed})
	}
}

// indexes adds every entry of the indexes of a database file.
func (o *opener) indexes(path string) {
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		o.t.Fatal(err)
	}
	defer db.Close()
	found, err := db.Query("SELECT part, sort, name FROM entries")
	if err != nil {
		o.t.Fatal(err)
	}
	defer found.Close()
	for found.Next() {
		var part, sort, name string
		if err := found.Scan(&part, &sort, &name); err != nil {
			o.t.Fatal(err)
		}
		kind, id, _ := strings.Cut(name, "/")
		o.add(kind, id, "index", []byte(part+"\x00"+sort+"\x00"+name))
	}
	if err := found.Err(); err != nil {
		o.t.Fatal(err)
	}
}

// files finds files that nothing names any more, though a key still opens them.
func (o *opener) files(dir string) {
	if !exists(dir) {
		return
	}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil || o.named[filepath.ToSlash(name)] {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil && o.ids[vault.KeyID(b)] {
			o.orphan = append(o.orphan, name)
		}
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

// layers are bytes as they stand, and what comes out when the wrappings of a mail
// or an archive are taken off: folded lines, quoted-printable, gzip, zip.
func layers(b []byte) [][]byte {
	out := [][]byte{b}
	if folded := bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r"), nil), []byte("\n"), nil); len(folded) < len(b) {
		out = append(out, folded)
	}
	if bytes.IndexByte(b, '=') >= 0 {
		plain, _ := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(b))) // as far as it goes
		out = append(out, plain)
		lenient := soft.Replace(string(b))
		out = append(out, []byte(hexed.ReplaceAllStringFunc(lenient, unhex)))
	}
	var blocks [][]byte
	if bytes.Contains(b, []byte(": base64")) {
		blocks = encoded.FindAll(b, 50) // parts of a mail, which may be packed themselves
	}
	for _, block := range blocks {
		plain, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(block)), ""))
		if err == nil && (bytes.HasPrefix(plain, []byte("\x1f\x8b")) || bytes.HasPrefix(plain, []byte("PK"))) {
			out = append(out, layers(plain)...)
		}
	}
	if r, err := gzip.NewReader(bytes.NewReader(b)); err == nil {
		if plain, err := io.ReadAll(io.LimitReader(r, 1<<26)); err == nil {
			out = append(out, layers(plain)...)
		}
	}
	if r, err := zip.NewReader(bytes.NewReader(b), int64(len(b))); err == nil {
		for _, f := range r.File {
			out = append(out, []byte(f.Name))
			if in, err := f.Open(); err == nil {
				plain, _ := io.ReadAll(in)
				out = append(out, layers(plain)...)
			}
		}
	}
	return out
}

var (
	soft    = strings.NewReplacer("=\r\n", "", "=\n", "", `=\r\n`, "", `=\n`, "")
	encoded = regexp.MustCompile(`[A-Za-z0-9+/]{32,}(?:\r?\n[A-Za-z0-9+/]+)*={0,2}`)
	hexed   = regexp.MustCompile("=[0-9A-Fa-f]{2}")
)

func unhex(s string) string {
	b, err := hex.DecodeString(s[1:])
	if err != nil {
		return s
	}
	return string(b)
}

// find says where each text stands, as kind.field, sorted.
func (c contents) find(n *needles) map[string][]string {
	out := map[string][]string{}
	for _, p := range c.pieces {
		for _, b := range layers(p.bytes) {
			for _, f := range n.in(b) {
				if !slices.Contains(out[f.text], p.place()) {
					out[f.text] = append(out[f.text], p.place())
				}
			}
		}
	}
	for text := range out {
		slices.Sort(out[text])
	}
	return out
}

func TestLayersAreTakenOff(t *testing.T) {
	t.Parallel()
	const text = "Žiga <žiga.č@example.si>, Skrita ulica 17"
	n := newNeedles([]string{text})
	var packed, archive bytes.Buffer
	g := gzip.NewWriter(&packed)
	_, _ = g.Write([]byte(text))
	_ = g.Close()
	z := zip.NewWriter(&archive)
	f, _ := z.Create("a.gz")
	_, _ = f.Write(packed.Bytes())
	_ = z.Close()
	var quoted strings.Builder
	q := quotedprintable.NewWriter(&quoted)
	_, _ = q.Write([]byte(strings.Repeat("x", 60) + text))
	_ = q.Close()
	mail := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 50) + text))
	inJSON, _ := json.Marshal("=FF " + quoted.String())
	for name, b := range map[string][]byte{
		"gzip": packed.Bytes(), "gzip in zip": archive.Bytes(), "quoted-printable": []byte(quoted.String()),
		"quoted-printable in JSON": inJSON, "folded base64": []byte(mail[:76] + "\r\n" + mail[76:]),
	} {
		if len(contents{pieces: []piece{{bytes: b}}}.find(n)) == 0 {
			t.Errorf("%s is not found", name)
		}
	}
}
