# The one public entrance: each route goes to the function whose manifest has it.
resource "aws_apigatewayv2_api" "this" {
  name          = var.name
  protocol_type = "HTTP"
  description   = "Webhooks of providers, the API of the portals, the published processing log"
}

locals {
  public = { for name, f in local.functions : name => f if f.public }
  routes = merge([for name, f in local.public : { for r in f.routes : r => name }]...)
}

resource "aws_apigatewayv2_integration" "this" {
  for_each               = local.public
  api_id                 = aws_apigatewayv2_api.this.id
  integration_type       = "AWS_PROXY"
  integration_uri        = module.function[each.key].invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = min(each.value.seconds * 1000, 30000)
}

resource "aws_apigatewayv2_route" "this" {
  for_each  = local.routes
  api_id    = aws_apigatewayv2_api.this.id
  route_key = each.key
  target    = "integrations/${aws_apigatewayv2_integration.this[each.value].id}"
}

resource "aws_lambda_permission" "http" {
  for_each      = local.public
  statement_id  = "http"
  action        = "lambda:InvokeFunction"
  function_name = module.function[each.key].name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/*"
}

resource "aws_cloudwatch_log_group" "http" {
  name              = "/aws/http/${var.name}"
  retention_in_days = var.log_days
  kms_key_id        = aws_kms_key.data.arn
}

# The access log names routes, never paths, queries or addresses of clients.
resource "aws_apigatewayv2_stage" "this" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.http.arn
    format          = "{\"at\":\"$context.requestTime\",\"route\":\"$context.routeKey\",\"status\":\"$context.status\",\"ms\":\"$context.responseLatency\",\"id\":\"$context.requestId\"}"
  }
  default_route_settings {
    throttling_rate_limit  = var.requests_per_second
    throttling_burst_limit = 2 * var.requests_per_second
  }
}
