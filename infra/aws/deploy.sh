#!/usr/bin/env bash
# Deploys infra/aws with the credentials of the environment. It builds the
# functions, says what it is about to do and to which account, shows the plan, and
# applies that very plan once somebody said yes.
#
#   make deploy                              one tenant, ekc, in eu-central-1
#   make deploy VARS=path/to/your.tfvars     what infra/aws/variables.tf explains
#   make deploy STATE="-backend-config=…"    where Terraform keeps its state; by
#                                            default in infra/aws, on this machine
set -euo pipefail
cd "$(dirname "$0")/../.."
say() { printf '\n%s\n' "$*"; }
need() { command -v "$1" >/dev/null || { echo "make deploy needs $1: $2"; exit 1; }; }
need go https://go.dev/dl/
need terraform https://developer.hashicorp.com/terraform/install
if [ -z "${AWS_ACCESS_KEY_ID:-}${AWS_PROFILE:-}${AWS_WEB_IDENTITY_TOKEN_FILE:-}${AWS_CONTAINER_CREDENTIALS_RELATIVE_URI:-}" ] && [ ! -f "${HOME:-/}/.aws/credentials" ] && [ ! -f "${HOME:-/}/.aws/config" ]; then
  cat <<'TEXT'
make deploy needs credentials of an AWS account, as every tool of Amazon's takes
them: AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and
AWS_SESSION_TOKEN). They must be allowed to make what infra/aws has: tables,
a bucket, keys, queues, a bus, schedules, functions and their roles, alarms.

To try it without an account: make aws-local, or make localstack with Docker.
TEXT
  exit 1
fi
arch=${ARCH:-arm64}
say "1. Builds the functions for $arch."
go run ./shared/host/pack -arch "$arch"
say "2. Prepares Terraform, and plans. Nothing is changed yet."
terraform -chdir=infra/aws init -input=false ${STATE:-} >/dev/null
plan=$(mktemp); trap 'rm -f "$plan"' EXIT
terraform -chdir=infra/aws plan -input=false -out="$plan" ${VARS:+-var-file="$(realpath "$VARS")"} \
  -var "artifacts=$PWD/bin/aws/$arch" -var "architecture=$arch"
say "3. Applies that plan, and nothing else. Tables, bucket and keys are protected against deletion."
if [ "${YES:-}" != 1 ]; then
  read -r -p "Type yes to go on: " answer
  [ "$answer" = yes ] || { echo "Nothing was changed."; exit 1; }
fi
terraform -chdir=infra/aws apply -input=false "$plan"
say "4. Left to a person: the secret of each channel account (accounts in variables.tf):"
echo "   aws secretsmanager put-secret-value --secret-id NAME --secret-string file://SECRET.json"
echo "   and at each provider the webhook: $(terraform -chdir=infra/aws output -raw url)/webhooks/TENANT/CHANNEL/PROVIDER"
