package audit

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"
)

// SaltSize is the length of an entry's salt in bytes: nobody guesses a content
// of few possible values behind 128 random bits.
const SaltSize = 16

// The commitment to an entry's content is SHA-256 over contentDomain and the
// hashes of its fields in the order of Fields. A field's hash is SHA-256 over
// its own salt (16 bytes: the beginning of SHA-256 over saltDomain, the entry's
// salt and the field's name), its name, a zero byte and its value. So each
// field can be shown, or withheld, by itself, and the rest still proves.
const (
	contentDomain = "okence.org/log-content/v1\n"
	saltDomain    = "okence.org/log-salt/v1\n"
)

// Field is one field of an entry's content, shown or withheld. A shown one has
// Value and Salt, a withheld one only Hash.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value,omitempty"`
	Salt  []byte `json:"salt,omitempty"`
	Hash  []byte `json:"hash,omitempty"`
}

// Withheld reports whether only the field's hash is there.
func (f Field) Withheld() bool { return f.Salt == nil }

// Content lists the fields of an entry's content, all of them, in the order of
// the commitment. Their names and order are part of the format. Items are JSON
// as encoding/json writes them, SecretUntil is RFC 3339, or empty.
func (e *Entry) Content() []Field {
	items := ""
	if len(e.Items) > 0 {
		b, err := json.Marshal(e.Items)
		if err != nil {
			panic("audit: items always encode") // strings only
		}
		items = string(b)
	}
	secret := ""
	if !e.SecretUntil.IsZero() {
		secret = e.SecretUntil.UTC().Format(time.RFC3339Nano)
	}
	return []Field{
		{Name: "act", Value: string(e.Act)},
		{Name: "actor_id", Value: e.ActorID},
		{Name: "actor_name", Value: e.ActorName},
		{Name: "actor_role", Value: e.ActorRole},
		{Name: "source", Value: e.Source},
		{Name: "subject", Value: e.Subject},
		{Name: "items", Value: items},
		{Name: "use", Value: e.Use},
		{Name: "result", Value: string(e.Result)},
		{Name: "reason", Value: e.Reason},
		{Name: "recipient", Value: e.Recipient},
		{Name: "case", Value: e.Case},
		{Name: "event", Value: e.Event},
		{Name: "secret_until", Value: secret},
	}
}

// Commit is the commitment to the entry's content under its salt.
func (e *Entry) Commit() []byte {
	c, err := Recommit(e.Show(nil))
	if err != nil {
		panic(err) // Show makes what Recommit takes
	}
	return c
}

// Show returns the content for somebody who may see it but for the fields that
// withhold names; nil withholds none. Recommit of what it returns is the
// commitment in the leaf.
func (e *Entry) Show(withhold func(name string) bool) []Field {
	fields := e.Content()
	for i := range fields {
		f := &fields[i]
		f.Salt = fieldSalt(e.Salt, f.Name)
		if withhold != nil && withhold(f.Name) {
			h := f.hash()
			*f = Field{Name: f.Name, Hash: h[:]}
		}
	}
	return fields
}

// Recommit computes the commitment from fields as Show gave them.
func Recommit(fields []Field) ([]byte, error) {
	d := sha256.New()
	d.Write([]byte(contentDomain))
	for _, f := range fields {
		h := f.Hash
		if !f.Withheld() {
			sum := f.hash()
			h = sum[:]
		}
		if len(h) != sha256.Size {
			return nil, fmt.Errorf("audit: field %s is neither shown nor withheld", f.Name)
		}
		d.Write(h)
	}
	return d.Sum(nil), nil
}

func fieldSalt(salt []byte, name string) []byte {
	b := make([]byte, 0, 64)
	b = append(b, saltDomain...)
	b = append(b, salt...)
	h := sha256.Sum256(append(b, name...))
	return h[:SaltSize]
}

func (f Field) hash() [sha256.Size]byte {
	b := make([]byte, 0, len(f.Salt)+len(f.Name)+1+len(f.Value))
	b = append(b, f.Salt...)
	b = append(b, f.Name...)
	b = append(b, 0)
	return sha256.Sum256(append(b, f.Value...))
}
