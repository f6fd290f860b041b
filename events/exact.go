package events

import (
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"time"
)

// exact refuses what encoding/json lets pass and the schemas do not: null, names
// in another case, a name that stands twice, of which parsers choose
// differently, and a comma before the fraction of a second. The value has been decoded into t before, so it is well-formed
// and of t's types.
func exact(dec *json.Decoder, t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	object := t.Kind() == reflect.Struct && !reflect.PointerTo(t).Implements(unmarshaler)
	list := t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8
	if !object && !list {
		var leaf json.RawMessage
		if err := dec.Decode(&leaf); err != nil || string(leaf) == "null" {
			return errNull
		}
		if t == reflect.TypeFor[time.Time]() && !timeShape.Match(leaf) {
			return errTime
		}
		return nil
	}
	if start, err := dec.Token(); err != nil || start == nil {
		return errNull
	}
	var fields map[string]reflect.Type
	seen := map[string]bool{}
	if object {
		fields = fieldsOf(t)
	}
	for dec.More() {
		next := t
		if list {
			next = t.Elem()
		} else {
			token, err := dec.Token()
			name, _ := token.(string)
			if err != nil || fields[name] == nil || seen[name] {
				return errName
			}
			seen[name], next = true, fields[name]
		}
		if err := exact(dec, next); err != nil {
			return err
		}
	}
	_, err := dec.Token() // the closing bracket
	return err
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
