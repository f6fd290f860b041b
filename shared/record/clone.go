package record

import "reflect"

// Clone returns a copy of a record that shares nothing with it that a handler
// could change: pointers, lists and maps are copied all the way down. Bytes are
// shared, since a file may be large and nobody writes into one; so is what an
// interface holds.
func (s *Shape) Clone(rec any) any {
	out := reflect.New(s.typ)
	out.Elem().Set(reflect.ValueOf(rec).Elem())
	own(out.Elem())
	return out.Interface()
}

// own replaces what v shares with the value that it is a copy of.
func own(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			v.Set(copied(v.Elem()).Addr())
		}
	case reflect.Slice:
		if v.IsNil() || v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		list := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(list, v)
		for i := range list.Len() {
			own(list.Index(i))
		}
		v.Set(list)
	case reflect.Map:
		if v.IsNil() {
			return
		}
		m := reflect.MakeMapWithSize(v.Type(), v.Len())
		for each := v.MapRange(); each.Next(); {
			m.SetMapIndex(each.Key(), copied(each.Value()))
		}
		v.Set(m)
	case reflect.Array:
		for i := range v.Len() {
			own(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() { // what a type keeps to itself, such as a time's zone, is its own to share
				own(f)
			}
		}
	}
}

// copied is an addressable copy of v.
func copied(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	own(c)
	return c
}
