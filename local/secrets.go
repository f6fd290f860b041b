package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/registry"
	"github.com/okence/okence/shared/host"
)

// devSecrets are the channel secrets of a system on one machine: those of the
// environment, else generated ones, kept in the data directory so that `okence
// send` finds them. Nothing outside `okence serve` and `okence send` uses them.
type devSecrets struct {
	path   string
	public string // base URL of the server, where a URL is part of what is signed

	mu  sync.Mutex
	all map[string]channel.Secret
}

func openSecrets(dataDir, public string) (*devSecrets, error) {
	d := &devSecrets{path: filepath.Join(dataDir, "dev-secrets.json"), public: public, all: map[string]channel.Secret{}}
	body, err := os.ReadFile(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		return d, nil
	}
	if err != nil {
		return nil, err
	}
	return d, json.Unmarshal(body, &d.all)
}

// find implements host.Secrets.
func (d *devSecrets) find(tenant string, n channel.Name) ([]channel.Secret, error) {
	if set, err := host.EnvSecrets(tenant, n); err != nil || len(set) > 0 {
		return set, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	variable := host.SecretVariable(tenant, n)
	if s, ok := d.all[variable]; ok {
		return []channel.Secret{s}, nil
	}
	s, err := d.generate(tenant, n)
	if err != nil {
		return nil, err
	}
	d.all[variable] = s
	return []channel.Secret{s}, d.save()
}

// generate makes a secret with every key that the provider needs.
func (d *devSecrets) generate(tenant string, n channel.Name) (channel.Secret, error) {
	p := registry.Lookup(n)
	url := d.public + "/webhooks/" + tenant + "/" + n.String()
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
