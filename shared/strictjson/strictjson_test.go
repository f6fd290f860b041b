package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
)

func TestMembersComeInOrderAndTwice(t *testing.T) {
	var got string
	ok, err := Object([]byte(" { \"a\" : 1.5e3 ,\n\"b\":\"x\\\"}\\\\\",\"a\":[{\"c\":[]},\"]\"] , \"\":{},\"e\\u0041\":null}  "), func(name string, value []byte) error {
		got += name + "=" + string(value) + ";"
		return nil
	})
	if want := `a=1.5e3;b="x\"}\\";a=[{"c":[]},"]"];={};e\u0041=null;`; !ok || err != nil || got != want {
		t.Errorf("%v %v\n%s\n%s", ok, err, got, want)
	}
}

func TestOtherValuesAreNeither(t *testing.T) {
	for _, b := range []string{`1`, `"{"`, `null`, ` true `, `{}`, `[]`} {
		object, _ := Object([]byte(b), func(string, []byte) error { return nil })
		array, _ := Array([]byte(b), func([]byte) error { return nil })
		if object != (b == `{}`) || array != (b == `[]`) {
			t.Errorf("%s: object %v, array %v", b, object, array)
		}
	}
}

func TestFirstErrorEndsTheWalk(t *testing.T) {
	stop := errors.New("stop")
	n := 0
	if _, err := Object([]byte(`{"a":1,"b":2}`), func(string, []byte) error { n++; return stop }); err != stop || n != 1 {
		t.Errorf("%v after %d", err, n)
	}
	if _, err := Array([]byte(`[1,2]`), func([]byte) error { n++; return stop }); err != stop || n != 2 {
		t.Errorf("%v after %d", err, n)
	}
}

// FuzzWalk rebuilds what it walks, and must come out where encoding/json does.
func FuzzWalk(f *testing.F) {
	for _, s := range []string{`{"a":[1,{"b":"c\\\""}],"d":-1e5}`, " [ ] ", `[[],{},"",0,true]`, `"x"`, `{"a":{"a":{"a":[]}}}`, "{\"\\\\\":\"\\\\\"\t}\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if !json.Valid(b) {
			return
		}
		var want bytes.Buffer
		if err := json.Compact(&want, b); err != nil {
			t.Fatal(err)
		}
		if got := rebuild(b); !bytes.Equal(got, want.Bytes()) {
			t.Errorf("walked %s\nwant   %s", got, want.Bytes())
		}
	})
}

func rebuild(b []byte) []byte {
	out := []byte{'{'}
	if ok, _ := Object(b, func(name string, value []byte) error {
		out = append(append(append(out, `"`+name+`":`...), rebuild(value)...), ',')
		return nil
	}); ok {
		return append(bytes.TrimSuffix(out, []byte(",")), '}')
	}
	out = []byte{'['}
	if ok, _ := Array(b, func(value []byte) error {
		out = append(append(out, rebuild(value)...), ',')
		return nil
	}); ok {
		return append(bytes.TrimSuffix(out, []byte(",")), ']')
	}
	return bytes.TrimSpace(b)
}
