#!/usr/bin/env bash
# Brings up LocalStack with Docker, applies infra/aws to it, and sends a message
# through its public routes. LOCALSTACK_AUTH_TOKEN and
# OKENCE_LOCALSTACK_IMAGE come from the environment (local/compose.yaml).
set -euo pipefail
cd "$(dirname "$0")/.."
if ! docker info >/dev/null 2>&1; then
  echo "make localstack needs Docker, and there is none that answers here."
  echo "Without Docker: make aws-local runs the same Terraform and the same programs on this machine."
  exit 1
fi
compose() { docker compose -f local/compose.yaml "$@"; }
work=$(mktemp -d)
trap 'compose down --volumes >/dev/null 2>&1; rm -rf "$work"' EXIT
compose up --detach --wait-timeout 120
for _ in $(seq 60); do curl -fsS http://127.0.0.1:4566/_localstack/health >/dev/null 2>&1 && break; sleep 1; done
export AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=eu-central-1
go run ./shared/host/pack -arch x86_64
cp -r infra/aws/. "$work" && rm -rf "$work"/.terraform* "$work"/*.tfstate*
terraform -chdir="$work" init -input=false >/dev/null
terraform -chdir="$work" apply -auto-approve -input=false -var standin=true -var protected=false -var backups=false \
  -var lifecycle_rules=false -var architecture=x86_64 -var "artifacts=$PWD/bin/aws/x86_64" \
  -var 'accounts=["ekc/livechat/standard"]'
secret=whsec_$(head -c 32 /dev/urandom | base64)
arn=$(terraform -chdir="$work" output -json functions | python3 -c 'import json,sys; print(json.load(sys.stdin)["webhook"]["environment"]["OKENCE_SECRET_EKC_LIVECHAT_STANDARD"])')
compose exec -T localstack awslocal secretsmanager put-secret-value \
  --secret-id "$arn" --secret-string "{\"webhook_secret\":\"$secret\"}" >/dev/null
url=$(terraform -chdir="$work" output -raw url)
printf '{"type":"message","id":"smoke","conversation":"c","sender":{"id":"v","name":"Smoke"},"text":"Dober dan","sent_at":"%s"}' "$(date -u +%FT%TZ)" > "$work/message.json"
OKENCE_SECRET_EKC_LIVECHAT_STANDARD="{\"webhook_secret\":\"$secret\"}" \
  go run ./local send --server "$url" --tenant ekc --channel livechat --provider standard "$work/message.json"
echo "A signed message was taken in by the webhook's function on LocalStack."
