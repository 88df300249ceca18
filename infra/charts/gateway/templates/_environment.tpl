{{/* The gateway's environment: which keys there are, and where each value comes from. */}}

{{/* "true" for the open-source image, of whatever registry, which takes its port as an argument and has no Redis, MCP or /v1/health. */}}
{{- define "gateway.openSource" -}}
{{- if regexMatch "(^|/)gateway$" .Values.images.gatewayImage.repository }}true{{ end }}
{{- end }}

{{- define "gateway.redisEnabled" -}}
{{- if and (eq (toString .Values.environment.data.CACHE_STORE) "redis") (not (include "gateway.openSource" .)) }}true{{ end }}
{{- end }}

{{- define "gateway.serverMode" -}}
{{- .Values.environment.data.SERVER_MODE | default "" }}
{{- end }}

{{- define "gateway.mcp" -}}
{{- if or (has (include "gateway.serverMode" .) (list "all" "mcp")) .Values.mcpService.enabled }}true{{ end }}
{{- end }}

{{- define "gateway.port" -}}
{{- .Values.service.containerPort | default .Values.environment.data.PORT | default 8787 | int }}
{{- end }}

{{- define "gateway.mcpPort" -}}
{{- .Values.mcpService.containerPort | default .Values.environment.data.MCP_PORT | default 8788 | int }}
{{- end }}

{{/* The port that answers first: with SERVER_MODE=mcp only MCP listens. */}}
{{- define "gateway.mainPortName" -}}
{{- if eq (include "gateway.serverMode" .) "mcp" }}mcp{{ else }}http{{ end }}
{{- end }}

{{/* Where the values of data are kept: existing, secret, configmap or plain. */}}
{{- define "gateway.environmentMode" -}}
{{- $env := .Values.environment }}
{{- if $env.existingSecret }}existing
{{- else if not $env.create }}plain
{{- else if $env.secret }}secret
{{- else }}configmap
{{- end }}
{{- end }}

{{- define "gateway.environmentName" -}}
{{- .Values.environment.existingSecret | default (printf "%s-env" (include "gateway.fullname" .)) }}
{{- end }}

{{/* Keys with a value, as JSON. SERVER_MODE is always there, even empty. */}}
{{- define "gateway.data" -}}
{{- $data := dict "SERVER_MODE" (include "gateway.serverMode" .) }}
{{- range $key, $value := .Values.environment.data }}
{{- if and (not (kindIs "invalid" $value)) (ne (toString $value) "") }}
{{- $_ := set $data $key (toString $value) }}
{{- end }}
{{- end }}
{{- toJson $data }}
{{- end }}

{{/*
Env entries, one a line of a list. Later sources win, because two entries of one name are refused
by server-side apply: dict "root" $ "override" (list of env entries) "plain" (dict of extra keys).
*/}}
{{- define "gateway.env" -}}
{{- $mode := include "gateway.environmentMode" .root | trim }}
{{- $name := include "gateway.environmentName" .root }}
{{- $entries := dict }}
{{- range $key, $value := include "gateway.data" .root | fromJson }}
{{- $entry := dict "name" $key }}
{{- if eq $mode "secret" }}
{{- $_ := set $entry "valueFrom" (dict "secretKeyRef" (dict "name" $name "key" $key)) }}
{{- else if eq $mode "configmap" }}
{{- $_ := set $entry "valueFrom" (dict "configMapKeyRef" (dict "name" $name "key" $key)) }}
{{- else }}
{{- $_ := set $entry "value" $value }}
{{- end }}
{{- $_ := set $entries $key $entry }}
{{- end }}
{{- range .root.Values.environment.secretKeys }}
{{- $_ := set $entries . (dict "name" . "valueFrom" (dict "secretKeyRef" (dict "name" $name "key" .))) }}
{{- end }}
{{- range $key, $value := .plain }}
{{- if and (not (kindIs "invalid" $value)) (ne (toString $value) "") }}
{{- $_ := set $entries $key (dict "name" $key "value" (toString $value)) }}
{{- end }}
{{- end }}
{{- range .override }}
{{- $_ := unset $entries .name }}
{{- end }}
{{- $list := list }}
{{- range $key := keys $entries | sortAlpha }}
{{- $list = append $list (get $entries $key) }}
{{- end }}
{{- concat $list .override | toYaml }}
{{- end }}
