{{/* Names and labels. */}}

{{- define "gateway.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Release portkey-gateway gives portkey-gateway, release acme gives acme-gateway. 50 leaves room for the suffixes. */}}
{{- define "gateway.fullname" -}}
{{- $name := include "gateway.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "gateway.dataserviceName" -}}
{{- printf "%s-%s" (include "gateway.fullname" .) .Values.dataservice.name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Labels every object carries: dict "root" $ "component" "gateway|redis|dataservice" "name" "app name". */}}
{{- define "gateway.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "gateway.selector" . }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/part-of: portkey
app.kubernetes.io/version: {{ .version | default .root.Chart.AppVersion | trunc 63 | replace ":" "_" | replace "@" "_" | replace "+" "_" | trimSuffix "-" | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}

{{/* Each component has its own app name, so that no selector can catch another's pods. */}}
{{- define "gateway.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{- define "gateway.gatewayLabels" -}}
{{- include "gateway.labels" (dict "root" . "component" "gateway" "name" (include "gateway.name" .) "version" .Values.images.gatewayImage.tag) }}
{{- end }}

{{- define "gateway.gatewaySelector" -}}
{{- include "gateway.selector" (dict "root" . "name" (include "gateway.name" .)) }}
{{- with .Values.selectorLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "gateway.dataserviceLabels" -}}
{{- include "gateway.labels" (dict "root" . "component" "dataservice" "name" .Values.dataservice.name "version" .Values.images.dataserviceImage.tag) }}
{{- end }}

{{- define "gateway.dataserviceSelector" -}}
{{- include "gateway.selector" (dict "root" . "name" .Values.dataservice.name) }}
{{- with .Values.dataservice.deployment.selectorLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "gateway.redisLabels" -}}
{{- include "gateway.labels" (dict "root" . "component" "redis" "name" .Values.redis.name "version" .Values.images.redisImage.tag) }}
{{- end }}

{{- define "gateway.redisSelector" -}}
{{- include "gateway.selector" (dict "root" . "name" .Values.redis.name) }}
{{- end }}

{{- define "gateway.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "gateway.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "gateway.dataserviceServiceAccountName" -}}
{{- if .Values.dataservice.serviceAccount.create }}
{{- default (include "gateway.dataserviceName" .) .Values.dataservice.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.dataservice.serviceAccount.name }}
{{- end }}
{{- end }}
