package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/registry"
	"github.com/okence/okence/shared/host"
)

// devSecrets are the channel secrets of a system on one machine: those of the
// environment, else generated ones, kept in the data directory so that `okence
// send` finds them. Nothing outside this command makes or takes them.
type devSecrets struct {
	path string
	all  map[string]channel.Secret // by variable
}

// readSecrets reads what `okence serve` generated.
func readSecrets(dataDir string) (*devSecrets, error) {
	d := &devSecrets{path: filepath.Join(dataDir, "dev-secrets.json"), all: map[string]channel.Secret{}}
	body, err := os.ReadFile(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		return d, nil
	}
	if err != nil {
		return nil, err
	}
	return d, json.Unmarshal(body, &d.all)
}

// fill generates what is missing, for every account of the tenants, and keeps
// it. public is the base URL of the server, where a URL is part of what is
// signed.
func (d *devSecrets) fill(public string, tenants []string) error {
	fresh := 0
	for _, t := range tenants {
		for _, n := range registry.Names() {
			variable := host.SecretVariable(t, n)
			if d.all[variable] != nil {
				continue
			}
			s, err := generate(n, public+"/webhooks/"+t+"/"+n.String())
			if err != nil {
				return err
			}
			d.all[variable] = s
			fresh++
		}
	}
	if fresh == 0 {
		return nil
	}
	return d.save()
}

// find implements host.Secrets.
func (d *devSecrets) find(tenant string, n channel.Name) ([]channel.Secret, error) {
	if set, err := host.EnvSecrets(tenant, n); err != nil || len(set) > 0 {
		return set, err
	}
	if s := d.all[host.SecretVariable(tenant, n)]; s != nil {
		return []channel.Secret{s}, nil
	}
	return nil, nil
}

// generate makes a secret with every key that the provider needs.
func generate(n channel.Name, url string) (channel.Secret, error) {
	p := registry.Lookup(n)
	if dev, ok := p.(channel.Developer); ok {
		return dev.DevelopmentSecret(url)
	}
	s := channel.Secret{}
	for _, key := range p.Needs() {
		switch key {
		case "url":
			s[key] = url
		case "webhook_secret":
			raw := make([]byte, 32)
			rand.Read(raw)
			s[key] = "whsec_" + base64.StdEncoding.EncodeToString(raw)
		default:
			s[key] = rand.Text()
		}
	}
	return s, nil
}

func (d *devSecrets) save() error {
	body, err := json.MarshalIndent(d.all, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(d.path), 0o700); err != nil {
		return err
	}
	tmp := d.path + ".new"
	if err := os.WriteFile(tmp, body, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, d.path)
}
