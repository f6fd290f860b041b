package erasure_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	_ "github.com/okence/okence/functions/portal" // whatever kinds the program has
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// plant fills every personal field of a new record with a needle; its owners are
// one person.
func plant(k *record.Shape, needle, person string) any {
	rec := k.New()
	v := reflect.ValueOf(rec).Elem()
	for _, f := range k.Fields { // names of states and ids: indexes want some
		if field := v.FieldByName(f.Name); !f.Personal && (field.Kind() == reflect.String || field.Kind() == reflect.Struct) {
			sow(field, "t", 3)
		}
	}
	v.FieldByName("ID").SetString("planted-" + k.Name)
	for _, f := range k.Fields {
		field := v.FieldByName(f.Name)
		if f.Personal {
			sow(field, needle, 4)
			for expr, value := range map[string]string{f.Owner: person, f.Class: "planted"} {
				if strings.HasPrefix(expr, ".") {
					v.FieldByName(expr[1:]).SetString(value)
				}
			}
		} else if field.Type() == reflect.TypeFor[time.Time]() {
			field.Set(reflect.ValueOf(then))
		}
	}
	return rec
}

// sow puts a text wherever one fits.
func sow(v reflect.Value, needle string, depth int) {
	if depth == 0 || !v.CanSet() {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(needle)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		sow(v.Elem(), needle, depth-1)
	case reflect.Struct:
		for i := range v.NumField() {
			sow(v.Field(i), needle, depth-1)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(needle))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		sow(v.Index(0), needle, depth)
	case reflect.Map:
		m, value := reflect.MakeMap(v.Type()), reflect.New(v.Type().Elem()).Elem()
		sow(value, needle, depth-1)
		key := reflect.New(v.Type().Key()).Elem()
		sow(key, needle, depth-1)
		m.SetMapIndex(key, value)
		v.Set(m)
	}
}

// TestAPlantedValueGoesFromEveryKind: a value planted in every personal field is
// found by a search that opens all there is, and not after the kind's own end.
func TestAPlantedValueGoesFromEveryKind(t *testing.T) {
	pack, err := policy.Builtin().ForTenant("ekc")
	if err != nil {
		t.Fatal(err)
	}
	g := erasure.GenericOf(pack.At(then))
	kinds := 0
	for _, k := range record.All() {
		personal := false
		ours := true // a register of the tenant's own: it ends with its term, and is never made anonymous for one person
		for _, f := range k.Fields {
			personal = personal || f.Personal
			ours = ours && (!f.Personal || strings.HasPrefix(f.Owner, "~"))
		}
		if !personal || strings.HasPrefix(k.Name, "test-") {
			continue
		}
		kinds++
		ends := map[string]string{"deleted": retention.Delete, "made anonymous": retention.Anonymise}
		if k.End.By != "" {
			ends = map[string]string{"its key destroyed": ""}
		}
		if ours {
			delete(ends, "made anonymous")
		}
		for how, act := range ends {
			t.Run(k.Name+" "+how, func(t *testing.T) {
				w := newWorld(t)
				rec := plant(k, "N33DLE", "pers")
				w.do(func(_ context.Context, u *work.Unit) error { u.Put(k, rec); return nil })
				before := w.holds("N33DLE")
				if len(before) == 0 {
					t.Fatal("nothing was planted")
				}
				switch act {
				case "":
					plain, err := k.Split(rec)
					if err != nil {
						t.Fatal(err)
					}
					for _, p := range plain.Parts {
						if err := w.Env.Vault.Destroy(t.Context(), "ekc", p.Owner); err != nil {
							t.Fatal(err)
						}
					}
				default:
					it := retention.Item{Kind: k.Name, ID: k.ID(rec), Act: act}
					r, err := w.e.Erase(t.Context(), "ekc", "job", []retention.Item{it}, g, "")
					if err != nil || r.Done[k.Name] != 1 || r.Residue != 0 {
						t.Fatalf("%+v, %v", r, err)
					}
				}
				if left := w.holds("N33DLE"); len(left) > 0 {
					t.Errorf("still there: %v", left)
				}
				if act == retention.Anonymise {
					for _, place := range w.holds(`"pers"`) {
						if !onlyPages([]string{place}) {
							t.Error("an id leads to the person:", place)
						}
					}
				}
			})
		}
	}
	if kinds < 8 {
		t.Fatalf("only %d kinds", kinds)
	}
}
