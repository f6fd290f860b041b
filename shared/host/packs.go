package host

import (
	"os"

	"github.com/okence/okence/shared/policy"
)

// packs returns the built-in policy packs, with those of a directory over them.
func packs(dir string) (*policy.Set, error) {
	if dir == "" {
		return policy.Builtin(), nil
	}
	return policy.Builtin().With(os.DirFS(dir))
}
