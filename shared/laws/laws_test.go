package laws

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/okence/okence"

// file is a Go source file of the project.
type file struct {
	path    string // from the root, with slashes
	dir     string
	test    bool
	lines   int
	ast     *ast.File
	imports []string
}

var root = filepath.Join("..", "..")

func files(t *testing.T) []file {
	t.Helper()
	var out []file
	set := token.NewFileSet()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "bin") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		tree, err := parser.ParseFile(set, path, body, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		f := file{
			path: filepath.ToSlash(rel), dir: filepath.ToSlash(filepath.Dir(rel)), test: strings.HasSuffix(name, "_test.go"),
			lines: strings.Count(string(body), "\n"), ast: tree,
		}
		for _, i := range tree.Imports {
			p, _ := strconv.Unquote(i.Path.Value)
			f.imports = append(f.imports, p)
		}
		out = append(out, f)
		return nil
	})
	if err != nil || len(out) < 50 {
		t.Fatalf("%d files: %v", len(out), err)
	}
	return out
}

func TestTopLevel(t *testing.T) {
	allowed := []string{"functions", "shared", "infra", "events", "local", "testdata", "go.mod", "go.sum", "Makefile", "README.md", "LICENSE"}
	out, err := exec.Command("git", "-C", root, "ls-files").Output()
	if err != nil {
		t.Skip("not a git checkout: the top level can't be told from what a build left") // a source archive
	}
	for _, path := range strings.Fields(string(out)) {
		top, _, _ := strings.Cut(path, "/")
		if !strings.HasPrefix(top, ".") && !slices.Contains(allowed, top) {
			t.Errorf("%s: the top level has only %v and dot files", path, allowed)
		}
	}
}

// rule says what the packages below a folder may import of the module, and what
// of the rest. Test files may import more.
type rule struct {
	below   string
	inside  []string // prefixes of our own packages; nil is any
	outside []string // prefixes of others beside the standard library; nil is any
	why     string
}

var rules = []rule{
	{"shared/domain", []string{"shared/domain"}, []string{}, "rules are pure: the standard library and each other"},
	{"events", []string{"shared/domain", "shared/fault", "shared/strictjson"}, []string{}, "the catalogue depends on nothing that runs"},
	{"shared/fault", []string{}, []string{}, "everything depends on it"},
	{"shared/store/store.go", []string{"shared/fault"}, []string{}, "a port"},
	{"shared/record", []string{"shared/domain", "shared/fault", "shared/store", "shared/vault"}, []string{}, "stored forms know no function and no driver"},
	{"shared/vault/", []string{"shared/amazon", "shared/fault", "shared/store", "shared/vault"}, nil, "keys know nothing of what they seal"},
	{"shared/policy", []string{"shared/domain", "shared/fault", "shared/policy"}, []string{"go.yaml.in/yaml", "github.com/santhosh-tekuri/jsonschema", "golang.org/x/text"}, "packs are data"},
	{"shared/channel", []string{"shared/amazon", "shared/channel", "shared/domain", "shared/fault"}, nil, "a provider knows bytes and secrets, not how things are stored"},
	{"shared/work", []string{"events", "shared/access", "shared/blob", "shared/domain", "shared/fault", "shared/record", "shared/store", "shared/vault", "shared/work"}, []string{}, "the unit of work knows ports, never a driver"},
}

func TestWhoMayImportWhat(t *testing.T) {
	for _, f := range files(t) {
		if f.test {
			continue
		}
		for _, r := range rules {
			if !strings.HasPrefix(f.path, r.below) {
				continue
			}
			for _, i := range f.imports {
				own, isOwn := strings.CutPrefix(i, module+"/")
				switch {
				case isOwn && r.inside != nil && !hasPrefix(own, r.inside):
					t.Errorf("%s imports %s: %s", f.path, own, r.why)
				case !isOwn && r.outside != nil && !standard(i) && !hasPrefix(i, r.outside):
					t.Errorf("%s imports %s: %s", f.path, i, r.why)
				}
			}
		}
	}
}

func TestFunctionsTalkByEventsNeverByImport(t *testing.T) {
	for _, f := range files(t) {
		if !strings.HasPrefix(f.dir, "functions/") {
			continue
		}
		name := strings.Split(f.dir, "/")[1]
		for _, i := range f.imports {
			if other, ok := strings.CutPrefix(i, module+"/functions/"); ok && strings.Split(other, "/")[0] != name {
				t.Errorf("%s imports function %s", f.path, other)
			}
		}
	}
}

// drivers are the only places for a product's own library.
var drivers = map[string][]string{
	"modernc.org/sqlite":                             {"shared/store/sqlite"},
	"github.com/aws/aws-lambda-go":                   {"shared/host"},
	"github.com/aws/aws-sdk-go-v2":                   {"shared/amazon", "shared/store/dynamodb", "shared/blob/s3", "shared/vault/awskms", "shared/bus/sqs", "shared/bus/eventbridge", "shared/channel/ses/sesapi", "shared/host"},
	"github.com/GoogleCloudPlatform/":                {"shared/host"},
	"cloud.google.com/":                              {"shared/store/firestore", "shared/blob/gcs", "shared/vault/gcpkms", "shared/bus/pubsub", "shared/host"},
	"github.com/cloudevents/sdk-go":                  {"shared/host", "shared/bus"},
	"github.com/jhillyerd/enmime":                    {"shared/channel/mime"},
	"github.com/wneessen/go-mail":                    {"shared/channel/smtp"},
	"github.com/VictoriaMetrics/metrics":             {"shared/obs"},
	"github.com/kelseyhightower/envconfig":           {"shared/host", "functions"},
	"github.com/golang-jwt/jwt":                      {"shared/access", "shared/channel/vonage"},
	"github.com/alecthomas/kong":                     {"local"},
	"github.com/santhosh-tekuri/jsonschema":          {"shared/policy"},
	"go.yaml.in/yaml":                                {"shared/policy", "shared/host/wire", "shared/notice"},
	"github.com/cloudevents/sdk-go/v2/client":        {},
	"github.com/cloudevents/sdk-go/v2/protocol/http": {"shared/host"},
}

func TestProductsStayInTheirDrivers(t *testing.T) {
	for _, f := range files(t) {
		if f.test || strings.HasSuffix(f.dir, "test") {
			continue
		}
		for _, i := range f.imports {
			for product, places := range drivers {
				if strings.HasPrefix(i, product) && !hasPrefix(f.dir, places) {
					t.Errorf("%s imports %s, which belongs in %v", f.path, i, places)
				}
			}
		}
	}
}

// Rules must be given their time. These deal with the wall clock as such: time
// limits of connections, the life of cached keys, the age of blobs, tokens.
var wallClock = []string{"local", "shared/amazon", "shared/host", "shared/vault", "shared/blob", "shared/store", "shared/access", "shared/channel/media", "shared/bus", "functions/webhook", "functions/peer", "functions/relay"}

func TestTheClockIsInjected(t *testing.T) {
	for _, f := range files(t) {
		if f.test || hasPrefix(f.dir, wallClock) || strings.HasSuffix(f.dir, "test") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := s.X.(*ast.Ident)
			if ok && pkg.Name == "time" && slices.Contains([]string{"Now", "Since", "Until"}, s.Sel.Name) && f.path != "shared/work/run.go" {
				t.Errorf("%s uses time.%s: take the instant as an argument, or the unit's Now", f.path, s.Sel.Name)
			}
			return true
		})
	}
}

func TestEveryFunctionFolderIsComplete(t *testing.T) {
	dirs, err := os.ReadDir(filepath.Join(root, "functions"))
	if err != nil || len(dirs) == 0 {
		t.Fatal(err)
	}
	for _, d := range dirs {
		for _, need := range []string{"function.yaml", "doc.go", "manifest_gen.go", "main/main.go"} {
			if _, err := os.Stat(filepath.Join(root, "functions", d.Name(), need)); err != nil {
				t.Errorf("functions/%s has no %s", d.Name(), need)
			}
		}
		tests, _ := filepath.Glob(filepath.Join(root, "functions", d.Name(), "*_test.go"))
		if len(tests) == 0 {
			t.Errorf("functions/%s has no test", d.Name())
		}
	}
}

func TestPackagesAreNamedAndExplained(t *testing.T) {
	refused := []string{"util", "utils", "common", "helpers", "helper", "models", "types", "misc", "base", "lib"}
	documented := map[string]bool{}
	seen := map[string]string{}
	for _, f := range files(t) {
		if slices.Contains(refused, f.ast.Name.Name) {
			t.Errorf("%s: package %s says nothing", f.path, f.ast.Name.Name)
		}
		if f.test {
			continue
		}
		seen[f.dir] = f.path
		if f.ast.Doc != nil {
			documented[f.dir] = true
		}
	}
	for dir, path := range seen {
		if !documented[dir] {
			t.Errorf("%s: its package has no comment that says what it is for", path)
		}
	}
}

func TestFilesAreShort(t *testing.T) {
	for _, f := range files(t) {
		if !f.test && f.lines > 600 {
			t.Errorf("%s has %d lines: at most 600, better 300", f.path, f.lines)
		}
	}
}

func hasPrefix(s string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool {
		return s == strings.TrimSuffix(p, "/") || strings.HasPrefix(s, strings.TrimSuffix(p, "/")+"/")
	})
}

func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}
