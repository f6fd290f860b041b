package dossier

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"time"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/ledger"
)

// Names in the archive.
const (
	documentName  = "package.json"
	pageName      = "package.html"
	schemaName    = "package.schema.json"
	manifestName  = "manifest.json"
	signatureName = "manifest.sig"

	// Attested is what the log's key signs the digest of the manifest as.
	Attested = "access-package"
)

// Manifest is manifest.json: every other file of the archive with its digest.
// manifest.sig is the signature of the tenant's log over it (ledger.Attest).
type Manifest struct {
	Format    string     `json:"format"`
	Request   string     `json:"request"`
	CreatedAt time.Time  `json:"created_at"`
	Log       string     `json:"log"` // verifier key of the log that signs: compare it with the published one
	Files     []Fingered `json:"files"`
}

// Fingered is a file of the archive and its digest.
type Fingered struct {
	Path   string `json:"path"`
	Size   int    `json:"size"` // bytes
	SHA256 string `json:"sha256"`
}

const manifestFormat = "okence.org/package-manifest/v1"

// Signer signs for a tenant.
type Signer interface {
	Attest(ctx context.Context, tenant, what string, digest []byte) (string, error)
	PublicKey(ctx context.Context, tenant string) (string, error)
}

// Pack makes the archive of a package and the digest of its manifest, hex.
func (b *Built) Pack(ctx context.Context, s Signer) (archive []byte, digest string, err error) {
	document, err := json.MarshalIndent(&b.Document, "", " ")
	if err != nil {
		return nil, "", fault.New(fault.Internal, "dossier: the document can't be encoded")
	}
	page, err := b.Page()
	if err != nil {
		return nil, "", err
	}
	files := []entry{{documentName, document}, {pageName, page}, {schemaName, Schema}}
	for _, r := range b.Records {
		for _, f := range r.Files {
			if f.Path != "" {
				files = append(files, entry{f.Path, f.bytes})
			}
		}
	}
	return pack(ctx, s, b.Tenant, b.Request, b.CreatedAt, files)
}

type entry struct {
	path  string
	bytes []byte
}

func pack(ctx context.Context, s Signer, tenant, request string, at time.Time, files []entry) ([]byte, string, error) {
	m := Manifest{Format: manifestFormat, Request: request, CreatedAt: at}
	for _, f := range files {
		sum := sha256.Sum256(f.bytes)
		m.Files = append(m.Files, Fingered{f.path, len(f.bytes), hex.EncodeToString(sum[:])})
	}
	// Signing makes the log where there is none yet, and with it the key.
	if _, err := s.Attest(ctx, tenant, Attested, nil); err != nil {
		return nil, "", err
	}
	var err error
	if m.Log, err = s.PublicKey(ctx, tenant); err != nil {
		return nil, "", err
	}
	manifest, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return nil, "", fault.New(fault.Internal, "dossier: the manifest can't be encoded")
	}
	sum := sha256.Sum256(manifest)
	signature, err := s.Attest(ctx, tenant, Attested, sum[:])
	if err != nil {
		return nil, "", err
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range append(files, entry{manifestName, manifest}, entry{signatureName, []byte(signature)}) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.path, Method: zip.Deflate, Modified: at})
		if err == nil {
			_, err = w.Write(f.bytes)
		}
		if err != nil {
			return nil, "", fault.New(fault.Internal, "dossier: the archive can't be written").Because(err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, "", fault.New(fault.Internal, "dossier: the archive can't be written").Because(err)
	}
	return out.Bytes(), hex.EncodeToString(sum[:]), nil
}

// maxFile bounds one file of an archive that is checked: an archive from
// elsewhere may claim anything.
const maxFile = 256 << 20

// Check verifies an archive offline: every file by the manifest, nothing beside
// it, and the manifest by the verifier key of the log, which must come from
// elsewhere than the archive. fault.Invalid: it was changed.
func Check(archive []byte, key string) (*Manifest, error) {
	bad := fault.New(fault.Invalid, "dossier: the archive is not what was signed")
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, bad
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, bad
		}
		b, err := io.ReadAll(io.LimitReader(r, maxFile))
		r.Close()
		if err != nil || files[f.Name] != nil {
			return nil, bad
		}
		files[f.Name] = b
	}
	sum := sha256.Sum256(files[manifestName])
	if err := ledger.CheckAttested(string(files[signatureName]), key, Attested, sum[:]); err != nil {
		return nil, err
	}
	var m Manifest
	if json.Unmarshal(files[manifestName], &m) != nil || m.Format != manifestFormat || len(files) != len(m.Files)+2 {
		return nil, bad
	}
	for _, f := range m.Files {
		b, ok := files[f.Path]
		sum := sha256.Sum256(b)
		if !ok || hex.EncodeToString(sum[:]) != f.SHA256 || len(b) != f.Size {
			return nil, bad
		}
	}
	return &m, nil
}
