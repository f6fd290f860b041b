package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/okence/okence/shared/strictjson"
)

// exact refuses what encoding/json lets pass and the schemas do not: null,
// unknown names and names in another case, a name that stands twice, of which
// parsers choose differently, a comma before the fraction of a second, and a year
// before 1000, whose first instant Go takes for no time at all. The
// value has been decoded into t before, so it is well-formed and of t's types.
func exact(b []byte, t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case string(bytes.TrimSpace(b)) == "null":
		return errNull
	case t.Kind() == reflect.Struct && !reflect.PointerTo(t).Implements(unmarshaler):
		fields := fieldsOf(t)
		seen := make([]string, 0, 16)
		_, err := strictjson.Object(b, func(name string, value []byte) error {
			if fields[name] == nil || slices.Contains(seen, name) {
				return errName
			}
			seen = append(seen, name)
			return exact(value, fields[name])
		})
		return err
	case t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8:
		_, err := strictjson.Array(b, func(value []byte) error { return exact(value, t.Elem()) })
		return err
	case t == reflect.TypeFor[time.Time]() && (!rfc3339(b) || b[1] == '0'):
		return errTime
	}
	return nil
}

var (
	errNull = errors.New("data holds null: what is not there is left out")
	errTime = errors.New("data holds a time that is not of RFC 3339")
	errName = errors.New("data has a name that is not of the published schema, or one twice")

	unmarshaler = reflect.TypeFor[json.Unmarshaler]()
	fieldCache  sync.Map // by reflect.Type: map[string]reflect.Type
)

// fieldsOf maps the JSON names of a struct to their types.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	if known, ok := fieldCache.Load(t); ok {
		return known.(map[string]reflect.Type)
	}
	out := map[string]reflect.Type{}
	for i := range t.NumField() {
		f := t.Field(i)
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); f.IsExported() && name != "-" {
			if name == "" {
				name = f.Name
			}
			out[name] = f.Type
		}
	}
	fieldCache.Store(t, out)
	return out
}

// rfc3339 reports whether b is a time in quotes as the schemas' pattern has it;
// the parser, which follows, knows the days of a month:
//
//	^"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"$
func rfc3339(b []byte) bool {
	const seconds = `"dddd-dd-ddTHh:Md:Md`
	if len(b) < len(seconds)+2 || b[len(b)-1] != '"' || !follows(b, seconds) {
		return false
	}
	rest := b[len(seconds) : len(b)-1]
	if rest[0] == '.' {
		n := 1
		for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
			n++
		}
		if n == 1 {
			return false
		}
		rest = rest[n:]
	}
	switch {
	case len(rest) == 1:
		return rest[0] == 'Z'
	case len(rest) == 6 && (rest[0] == '+' || rest[0] == '-'):
		return follows(rest[1:], "Hh:Md")
	}
	return false
}

// follows reports whether b begins as the pattern has it: d is any digit, Hh an
// hour, M the tens of a minute or second, and anything else itself.
func follows(b []byte, pattern string) bool {
	for i, p := range []byte(pattern) {
		c, ok := b[i], false
		switch p {
		case 'd':
			ok = c >= '0' && c <= '9'
		case 'H':
			ok = c >= '0' && c <= '2'
		case 'h':
			ok = c >= '0' && c <= '9' && (b[i-1] < '2' || c <= '3')
		case 'M':
			ok = c >= '0' && c <= '5'
		default:
			ok = c == p
		}
		if !ok {
			return false
		}
	}
	return true
}
