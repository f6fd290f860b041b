# One a function, by what shared/host/wire generated from the manifests.
module "function" {
  source   = "./modules/function"
  for_each = local.functions

  name         = "${var.name}-${each.key}"
  manifest     = each.value
  artifact     = { bucket = aws_s3_bucket.artifacts.id, key = aws_s3_object.artifact[each.key].key, hash = filebase64sha256("${var.artifacts}/${each.key}.zip") }
  architecture = var.architecture
  memory       = lookup(var.memory_of, each.key, var.memory)
  concurrency  = lookup(var.concurrency_of, each.key, var.concurrency)
  log_days     = var.log_days
  log_key_arn  = aws_kms_key.data.arn
  alarm_topic  = aws_sns_topic.alarms.arn
  dead_rules   = aws_sqs_queue.dead_rules.arn
  bus          = { name = aws_cloudwatch_event_bus.this.name, arn = aws_cloudwatch_event_bus.this.arn }
  mapped       = var.mappings_enabled
  queues       = local.queues
  tables       = { for k, t in aws_dynamodb_table.this : k => t.arn }
  bucket_arn   = aws_s3_bucket.this.arn
  data_key     = aws_kms_key.data.arn
  vault_key    = aws_kms_key.vault.arn
  secrets      = [for s in aws_secretsmanager_secret.account : s.arn]

  environment = merge(
    {
      OKENCE_STORE         = "dynamodb"
      OKENCE_BLOB          = "s3"
      OKENCE_VAULT         = "awskms"
      OKENCE_BUS           = "aws"
      OKENCE_TENANTS       = join(",", var.tenants)
      OKENCE_TABLE         = aws_dynamodb_table.this["data"].name
      OKENCE_KEYS_TABLE    = aws_dynamodb_table.this["keys"].name
      OKENCE_LEDGER_TABLE  = aws_dynamodb_table.this["ledger"].name
      OKENCE_BUCKET        = aws_s3_bucket.this.id
      OKENCE_KMS_KEY       = aws_kms_key.vault.arn
      OKENCE_EVENT_BUS     = aws_cloudwatch_event_bus.this.name
      OKENCE_BACKUP_REGION = var.backup_region == "" ? var.region : var.backup_region
      OKENCE_LOG_REGION    = var.region
    },
    var.standin ? { OKENCE_S3_PATH_STYLE = "true" } : {},
    each.value.secrets ? { for a, s in aws_secretsmanager_secret.account : basename(s.name) => s.arn } : {},
    { for k, v in var.settings : k => v if contains(concat(each.value.settings, ["OKENCE_LOG", "OKENCE_LEDGER_ORIGIN"]), k) },
  )
}

# The secrets of channel accounts. Their values are put in by a person:
# aws secretsmanager put-secret-value --secret-id … --secret-string file://…
resource "aws_secretsmanager_secret" "account" {
  for_each                = var.accounts
  name                    = "${var.name}/OKENCE_SECRET_${upper(replace(replace(each.key, "/", "_"), "-", "_"))}"
  description             = "Channel account ${each.key}"
  recovery_window_in_days = var.protected ? 7 : 0
}
