package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/okence/okence/shared/strictjson"
)

// exact refuses what encoding/json lets pass and the schemas do not: null,
// unknown names and names in another case, a name that stands twice, of which
// parsers choose differently, and a comma before the fraction of a second. The
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
	case t == reflect.TypeFor[time.Time]() && !timeShape.Match(b):
		return errTime
	}
	return nil
}

var (
	errNull = errors.New("data holds null: what is not there is left out")
	errTime = errors.New("data holds a time that is not of RFC 3339")
	errName = errors.New("data has a name that is not of the published schema, or one twice")

	// timeShape goes beside the parser, which knows the days of a month.
	timeShape = regexp.MustCompile(`^"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"$`)

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
