{{/* What the chart is told, and what the Secret holds that is there already. */}}
{{- define "line.env" -}}
{{- range $key, $value := .Values.environment.data }}
{{- if and $value (not (has $key $.Values.environment.secretKeys)) }}
- name: {{ $key }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}
{{- range .Values.environment.secretKeys }}
- name: {{ . }}
  valueFrom: {secretKeyRef: {name: {{ $.Values.environment.existingSecret }}, key: {{ . }}}}
{{- end }}
{{- end }}

{{/* A probe asks the gateway's own port. */}}
{{- define "line.probe" -}}
{{- $probe := deepCopy . }}
{{- $_ := set $probe.httpGet "port" "http" }}
{{- toYaml $probe }}
{{- end }}
