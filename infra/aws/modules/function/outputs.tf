output "name" {
  description = "The function."
  value       = aws_lambda_function.this.function_name
}

output "arn" {
  description = "The function's ARN."
  value       = aws_lambda_function.this.arn
}

output "invoke_arn" {
  description = "What an HTTP API calls."
  value       = aws_lambda_function.this.invoke_arn
}

output "queue" {
  description = "URL of its queue, or empty."
  value       = local.fed ? aws_sqs_queue.this[0].url : ""
}

output "dead" {
  description = "URL of its dead-letter queue, or empty."
  value       = local.fed ? aws_sqs_queue.dead[0].url : ""
}

output "environment" {
  description = "What it is given."
  value       = var.environment
}
