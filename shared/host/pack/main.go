// Command pack builds the functions for AWS Lambda:
//
//	go run ./shared/host/pack [-arch arm64|x86_64|both] [-tags T,…] [-out bin/aws] [FUNCTION …]
//
// bin/aws/ARCH/NAME/bootstrap is the program, stripped; NAME.zip beside its
// folder is what infra/aws deploys. The same source makes the same bytes: the
// zip has no times, so `terraform plan` stays clean after a build.
package main

import (
	"archive/zip"
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// platforms are Go's names of Lambda's architectures.
var platforms = map[string]string{"arm64": "arm64", "x86_64": "amd64"}

func main() {
	arch := flag.String("arch", "both", "arm64, x86_64 or both")
	tags := flag.String("tags", "lambda.norpc,aws", "build tags")
	out := flag.String("out", "bin/aws", "where to put them")
	flag.Parse()
	if err := run(*arch, *tags, *out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func run(arch, tags, out string, names []string) error {
	arches := []string{arch}
	if arch == "both" {
		arches = []string{"arm64", "x86_64"}
	}
	if len(names) == 0 {
		folders, err := filepath.Glob("functions/*/main")
		if err != nil || len(folders) == 0 {
			return fmt.Errorf("no functions here: run it at the root of the project")
		}
		for _, f := range folders {
			names = append(names, filepath.Base(filepath.Dir(f)))
		}
		slices.Sort(names)
	}
	for _, a := range arches {
		platform, ok := platforms[a]
		if !ok {
			return fmt.Errorf("-arch %s: arm64, x86_64 or both", a)
		}
		for _, name := range names {
			if err := build(filepath.Join(out, a), platform, tags, name); err != nil {
				return err
			}
		}
	}
	return nil
}

func build(dir, platform, tags, name string) error {
	program := filepath.Join(dir, name, "bootstrap")
	c := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-tags", tags, "-o", program, "./functions/"+name+"/main")
	c.Env = append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0", "GOARCH="+platform)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	body, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	archive, err := pack(body)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, name+".zip")
	fmt.Printf("%s  %.1f MB, program %.1f MB\n", path, float64(len(archive))/1e6, float64(len(body))/1e6)
	return os.WriteFile(path, archive, 0o644)
}

// pack is a zip with one file, bootstrap, that may be run.
func pack(program []byte) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	h := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
	h.SetMode(0o755)
	f, err := w.CreateHeader(h)
	if err == nil {
		_, err = f.Write(program)
	}
	if err == nil {
		err = w.Close()
	}
	return b.Bytes(), err
}
