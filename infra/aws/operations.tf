resource "aws_sns_topic" "alarms" {
  name = "${var.name}-alarms"
}

resource "aws_sns_topic_subscription" "alarms" {
  count     = var.alarm_email == "" ? 0 : 1
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

# What neither a rule nor a schedule could deliver.
resource "aws_cloudwatch_metric_alarm" "undelivered" {
  alarm_name          = "${var.name}-undelivered"
  alarm_description   = "Events or schedules' calls could not be delivered. Runbook: infra/aws/runbooks/dead-letter-queue.md"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead_rules.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "table" {
  for_each            = aws_dynamodb_table.this
  alarm_name          = "${var.name}-table-${each.key}-throttled"
  alarm_description   = "DynamoDB refuses calls to this table. Runbook: infra/aws/runbooks/throttle.md"
  namespace           = "AWS/DynamoDB"
  metric_name         = "ThrottledRequests"
  dimensions          = { TableName = each.value.name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 2
  comparison_operator = "GreaterThanThreshold"
  threshold           = 10
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

resource "aws_budgets_budget" "this" {
  count        = var.budget_usd > 0 && var.alarm_email != "" ? 1 : 0
  name         = var.name
  account_id   = local.account
  budget_type  = "COST"
  limit_amount = tostring(var.budget_usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"
  dynamic "notification" {
    for_each = [80, 100]
    content {
      comparison_operator        = "GREATER_THAN"
      threshold                  = notification.value
      threshold_type             = "PERCENTAGE"
      notification_type          = "ACTUAL"
      subscriber_email_addresses = [var.alarm_email]
    }
  }
}

# Two vaults: backups of keys are deleted after seven days and are never copied,
# so that a key which was destroyed is gone from everywhere then (design
# decision 5). The bucket has none: its objects are unreadable without keys, and
# erased objects must not come back.
locals {
  backups = var.backups ? {
    data = { days = 35, tables = ["data", "ledger"], copy = var.backup_copy_vault_arn }
    keys = { days = 7, tables = ["keys"], copy = "" }
  } : {}
}

resource "aws_backup_vault" "this" {
  for_each    = local.backups
  name        = "${var.name}-${each.key}"
  kms_key_arn = aws_kms_key.data.arn
}

resource "aws_backup_plan" "this" {
  for_each = local.backups
  name     = "${var.name}-${each.key}"
  rule {
    rule_name         = "daily"
    target_vault_name = aws_backup_vault.this[each.key].name
    schedule          = "cron(30 1 * * ? *)"
    lifecycle {
      delete_after = each.value.days
    }
    dynamic "copy_action" {
      for_each = each.value.copy == "" ? [] : [each.value.copy]
      content {
        destination_vault_arn = copy_action.value
        lifecycle {
          delete_after = each.value.days
        }
      }
    }
  }
}

resource "aws_iam_role" "backup" {
  count = var.backups ? 1 : 0
  name  = "${var.name}-backup"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "backup.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "backup" {
  count      = var.backups ? 1 : 0
  role       = aws_iam_role.backup[0].name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"
}

resource "aws_backup_selection" "this" {
  for_each     = local.backups
  name         = "${var.name}-${each.key}"
  plan_id      = aws_backup_plan.this[each.key].id
  iam_role_arn = aws_iam_role.backup[0].arn
  resources    = [for t in each.value.tables : aws_dynamodb_table.this[t].arn]
}
