using System.Net;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Proxy;

/// <summary>What precedes /proxy: name, name:port or scheme:name:port.</summary>
internal sealed record ProxyTarget(string Scheme, string Name, string Port)
{
    public static ProxyTarget Parse(string text) =>
        text.Split(':') switch
        {
            [var name] when name.Length > 0 => new ProxyTarget("http", name, ""),
            [var name, var port] when name.Length > 0 => new ProxyTarget("http", name, port),
            [var scheme, var name, var port] when scheme is "http" or "https" or "" && name.Length > 0 => new ProxyTarget(
                scheme.Length == 0 ? "http" : scheme,
                name,
                port
            ),
            _ => throw KubeStatusException.BadRequest($"invalid service request \"{text}\""),
        };

    public Uri Address(IPEndPoint endpoint) => new($"{Scheme}://{endpoint}/");
}
