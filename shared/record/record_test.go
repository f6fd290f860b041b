package record_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	_ "github.com/okence/okence/shared/ledger" // its own kinds
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/vault"
	_ "github.com/okence/okence/shared/work" // its own kinds
)

func TestAFieldThatIsNotClassifiedDoesNotStart(t *testing.T) {
	type ok struct {
		_    struct{} `data:"owner=.ID class=channel purpose=service"`
		ID   string   `json:"id" data:"technical"`
		Name string   `json:"name" data:"personal identity"`
	}
	type untagged struct {
		ID   string `json:"id" data:"technical"`
		Name string `json:"name"`
	}
	type noOwner struct {
		ID   string `json:"id" data:"technical"`
		Name string `json:"name" data:"personal identity class=channel purpose=service"`
	}
	type noCategory struct {
		_    struct{} `data:"owner=.ID class=channel purpose=service"`
		ID   string   `json:"id" data:"technical"`
		Name string   `json:"name" data:"personal"`
	}
	type oddPurpose struct {
		ID   string `json:"id" data:"technical"`
		Name string `json:"name" data:"personal identity owner=.ID class=channel purpose=fun"`
	}
	type sealedOwner struct {
		_    struct{} `data:"owner=.Who class=channel purpose=service"`
		ID   string   `json:"id" data:"technical"`
		Who  string   `json:"who" data:"personal identity"`
		Name string   `json:"name" data:"personal identity"`
	}
	type noID struct {
		Name string `json:"name" data:"technical"`
	}
	type oddFile struct {
		_    struct{} `data:"owner=.ID class=channel purpose=service"`
		ID   string   `json:"id" data:"technical"`
		File string   `json:"-" data:"personal content file"`
	}
	type hidden struct {
		ID   string `json:"id" data:"technical"`
		name string `data:"technical"` //lint:ignore U1000 what is tested
	}
	tryDefine := func(f func()) (err any) {
		defer func() { err = recover() }()
		f()
		return nil
	}
	if err := tryDefine(func() { record.Define[ok]("test-ok", 1) }); err != nil {
		t.Fatal(err)
	}
	for name, define := range map[string]func(){
		"a field without a tag":         func() { record.Define[untagged]("t1", 1) },
		"personal data without owner":   func() { record.Define[noOwner]("t2", 1) },
		"personal data of no category":  func() { record.Define[noCategory]("t3", 1) },
		"an unknown purpose":            func() { record.Define[oddPurpose]("t4", 1) },
		"an owner that is sealed":       func() { record.Define[sealedOwner]("t5", 1) },
		"no ID":                         func() { record.Define[noID]("t6", 1) },
		"a file that is no bytes":       func() { record.Define[oddFile]("t7", 1) },
		"an unexported field":           func() { record.Define[hidden]("t8", 1) },
		"a schema without its upgrades": func() { record.Define[ok]("t9", 2) },
		"a name that is taken":          func() { record.Define[ok]("test-ok", 1) },
	} {
		if tryDefine(define) == nil {
			t.Errorf("%s: it started", name)
		}
	}
}

func TestTheClearPartHoldsNothingPersonal(t *testing.T) {
	m := &message.Message{ID: "m", ContactID: "ana", Text: "Kje?", Sender: message.Party{Address: "+38641123456", Name: "Ana"}, ProviderID: "wamid.1"}
	p, err := record.Messages.Split(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"Kje", "38641", "Ana", "wamid"} {
		if bytes.Contains(p.Clear, []byte(secret)) {
			t.Errorf("the clear part shows %q", secret)
		}
	}
	if len(p.Parts) != 1 || p.Parts[0].Owner != (vault.Owner{Subject: "ana", Class: "channel"}) || p.Parts[0].Purpose != record.ForService {
		t.Fatalf("%+v", p.Parts)
	}
	back := new(message.Message)
	if err := record.Messages.Join(back, p); err != nil || !reflect.DeepEqual(back, m) {
		t.Fatalf("%+v, %v", back, err)
	}
}

func TestPersonalDataWithoutItsPersonIsRefused(t *testing.T) {
	if _, err := record.Messages.Split(&message.Message{ID: "m", Text: "Kje?"}); !fault.Is(err, fault.Internal) {
		t.Fatal(err)
	}
	if _, err := record.Messages.Split(&message.Message{ID: "m"}); err != nil {
		t.Fatal("nothing personal, no owner needed:", err)
	}
}

func TestOldSchemasAreLifted(t *testing.T) {
	type person struct {
		_     struct{} `data:"owner=.ID class=channel purpose=service"`
		ID    string   `json:"id" data:"technical"`
		Seen  int      `json:"seen" data:"technical"`
		Given string   `json:"given" data:"personal identity"`
		Last  string   `json:"last" data:"personal identity"`
	}
	kind := record.Define("test-person", 3,
		record.From[person](1, func(f map[string]json.RawMessage) error { // one name became two
			var name string
			if json.Unmarshal(f["name"], &name) == nil {
				given, last, _ := strings.Cut(name, " ")
				f["given"], _ = json.Marshal(given)
				f["last"], _ = json.Marshal(last)
				delete(f, "name")
			}
			return nil
		}),
		record.From[person](2, func(f map[string]json.RawMessage) error { // a count was renamed
			if v, ok := f["count"]; ok {
				f["seen"] = v
				delete(f, "count")
			}
			return nil
		}))
	old := record.Plain{Schema: 1, Clear: []byte(`{"id":"p","count":4}`), Parts: []record.Part{{Bytes: []byte(`{"name":"Ana Horvat"}`)}}}
	var got person
	if err := kind.Join(&got, old); err != nil || got.Seen != 4 || got.Given != "Ana" || got.Last != "Horvat" {
		t.Fatalf("%+v %v", got, err)
	}
	if err := kind.Join(&got, record.Plain{Schema: 4, Clear: []byte(`{}`)}); !fault.Is(err, fault.Unavailable) {
		t.Fatal("a record of a newer program was read:", err)
	}
}

func TestBodies(t *testing.T) {
	b := record.Body{Schema: 3, Clear: []byte(`{"id":"x"}`), Parts: []record.Sealed{
		{Name: ".ContactID|channel|service", Owner: vault.Owner{Subject: "ana", Class: "channel"}, Purpose: "service", Bytes: []byte("sealed")},
		{Name: "file Bytes", Owner: vault.Owner{Subject: "ana", Class: "channel"}, Purpose: "service", File: true, Blob: "ekc/attachment/x/y"},
	}}
	packed := b.Pack()
	got, err := record.Unpack(packed)
	got.Parts[1].Bytes = nil
	if err != nil || !reflect.DeepEqual(got, b) {
		t.Fatalf("%+v %v", got, err)
	}
	for i := range packed {
		if _, err := record.Unpack(packed[:i]); err == nil {
			t.Fatalf("a body cut at %d was taken", i)
		}
	}
	if _, err := record.Unpack(append(packed, 0)); err == nil {
		t.Fatal("a body with more behind it was taken")
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add(record.Body{Schema: 1, Clear: []byte("{}"), Parts: []record.Sealed{{Name: "a", Bytes: []byte("b")}}}.Pack())
	f.Fuzz(func(t *testing.T, in []byte) {
		b, err := record.Unpack(in)
		if err != nil {
			return
		}
		again, err := record.Unpack(b.Pack())
		if err != nil || len(again.Parts) != len(b.Parts) || !bytes.Equal(again.Clear, b.Clear) {
			t.Fatal("packing again changes it")
		}
	})
}

// TestShapes pins the stored form of every kind: testdata/shapes holds each one
// ever written, and each must still load. A new schema is a new file there.
func TestShapes(t *testing.T) {
	dir := filepath.Join("..", "..", "testdata", "shapes")
	for _, s := range record.All() {
		if strings.HasPrefix(s.Name, "test-") {
			continue
		}
		for v := 1; v <= s.Schema; v++ {
			path := filepath.Join(dir, fmt.Sprintf("%s.v%d.json", s.Name, v))
			want, err := os.ReadFile(path)
			if os.IsNotExist(err) && v == s.Schema && os.Getenv("UPDATE") != "" {
				want = filled(t, s)
				if err := os.WriteFile(path, want, 0o644); err != nil {
					t.Fatal(err)
				}
			} else if err != nil {
				t.Errorf("%v (UPDATE=1 writes the newest)", err)
				continue
			}
			if v == s.Schema && !bytes.Equal(want, filled(t, s)) {
				t.Errorf("%s: the stored form changed; that needs schema %d and an upgrade", s.Name, v+1)
			}
			load(t, s, v, want)
		}
	}
}

type shape struct {
	Clear json.RawMessage            `json:"clear"`
	Parts map[string]json.RawMessage `json:"parts,omitempty"`
}

// filled is a record of the kind with every field set, taken apart.
func filled(t *testing.T, s *record.Shape) []byte {
	t.Helper()
	rec := s.New()
	fill(reflect.ValueOf(rec).Elem(), 0)
	p, err := s.Split(rec)
	if err != nil {
		t.Fatal(err)
	}
	out := shape{Clear: p.Clear, Parts: map[string]json.RawMessage{}}
	for _, part := range p.Parts {
		if part.File {
			part.Bytes, _ = json.Marshal(part.Bytes)
		}
		out.Parts[part.Name] = part.Bytes
	}
	b, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(b, '\n')
}

func fill(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Float64:
		v.SetFloat(46.05)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth)
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			v.SetBytes([]byte(`{"a":1}`))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), depth+1)
	case reflect.Uint8:
		v.SetUint(65)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, val := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, depth+1)
		fill(val, depth+1)
		v.SetMapIndex(key, val)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).Name != "_" {
				fill(v.Field(i), depth+1)
			}
		}
	}
}

func load(t *testing.T, s *record.Shape, schema int, stored []byte) {
	t.Helper()
	var in shape
	if err := json.Unmarshal(stored, &in); err != nil {
		t.Fatal(err)
	}
	p := record.Plain{Schema: schema, Clear: in.Clear}
	for name, b := range in.Parts {
		p.Parts = append(p.Parts, record.Part{Name: name, Bytes: b, File: strings.HasPrefix(name, "file ")})
	}
	if err := s.Join(s.New(), p); err != nil {
		t.Errorf("%s schema %d no longer loads: %v", s.Name, schema, err)
	}
}
