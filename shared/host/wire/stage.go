package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// layOut lays out a folder from which Google builds one function (gcloud
// functions deploy, or gcloud run deploy --function):
//
//	go run ./shared/host/wire -stage webhook DIR
//	gcloud functions deploy webhook --gen2 --source DIR --entry-point webhook …
//
// Google's Go buildpack wants one package at the top of what is uploaded, whose
// init registers the entry point with the Functions Framework; it adds a main
// of its own, runs go mod tidy and builds. The top of this module holds no
// package, and a package there would link every function into each. So the
// folder gets a module of its own with that one file, and this module's source
// (without tests) beside it, by a replace directive.
// https://github.com/GoogleCloudPlatform/buildpacks/tree/main/cmd/go/functions_framework
func layOut(root, name, dir string) error {
	all, err := readAll(root)
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.Name == name {
			return stage(root, name, dir)
		}
	}
	return fmt.Errorf("no function is named %s", name)
}

func stage(root, name, dir string) error {
	if left, err := os.ReadDir(dir); err == nil && len(left) > 0 {
		return fmt.Errorf("%s is not empty", dir)
	}
	goMod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return err
	}
	goSum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		return err
	}
	_, rest, ok := strings.Cut(string(goMod), "\n")
	if !ok {
		return errors.New("go.mod has no module line")
	}
	// The requirements are taken over whole: the build then chooses no version.
	mod := "module okence.local/" + name + "\n" + rest +
		"\nrequire github.com/okence/okence v0.0.0\n\nreplace github.com/okence/okence => ./okence\n"
	for path, text := range map[string]string{
		"go.mod": mod, "go.sum": string(goSum), "function.go": fmt.Sprintf(entry, generated, name),
		"okence/go.mod": string(goMod), "okence/go.sum": string(goSum),
	} {
		if err := write(filepath.Join(dir, path), []byte(text)); err != nil {
			return err
		}
	}
	for _, folder := range []string{"events", "functions", "shared"} {
		if err := copySource(filepath.Join(root, folder), filepath.Join(dir, "okence", folder)); err != nil {
			return err
		}
	}
	return nil
}

const entry = `// %[1]s

// Package function is the entry that Google's buildpack looks for.
package function

import (
	"github.com/GoogleCloudPlatform/functions-framework-go/functions"

	"github.com/okence/okence/functions/%[2]s"
	"github.com/okence/okence/shared/host"
)

func init() { functions.HTTP("%[2]s", host.HTTPFunction(%[2]s.New)) }
`

// copySource copies what a build needs: everything but tests and their data.
func copySource(from, to string) error {
	return filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "testdata":
			return filepath.SkipDir
		case d.IsDir() || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		return write(filepath.Join(to, rel), text)
	})
}

func write(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}
