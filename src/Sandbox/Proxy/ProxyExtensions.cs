namespace Portkey.Portal.Sandbox.Proxy;

/// <summary>Maps the proxy subresources of pods and services.</summary>
internal static class ProxyExtensions
{
    public static WebApplication MapProxy(this WebApplication app) => app;
}
