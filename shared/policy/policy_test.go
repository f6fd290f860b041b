package policy

import "testing"

func TestBuiltinPacksLoad(t *testing.T) {
	for _, id := range []string{"law-eu", "law-si", "law-sk", "ekc"} {
		if _, ok := Builtin().Pack(id); !ok {
			t.Errorf("no pack %s", id)
		}
	}
}
