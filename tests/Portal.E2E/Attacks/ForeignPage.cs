using System.Globalization;
using System.Net;
using System.Text;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.Attacks;

/// <summary>Somebody else's web server on the same host: another port is the same site, so a browser sends the portal's cookie
/// along.</summary>
internal sealed class ForeignPage : IDisposable
{
    private readonly HttpListener listener = new();

    public ForeignPage()
    {
        Url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort.Next()}/");
        listener.Prefixes.Add(Url);
        listener.Start();
        _ = ServeAsync();
    }

    public string Url { get; }

    public void Dispose() => listener.Close();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await listener.GetContextAsync();
                context.Response.ContentType = "text/html";
                context.Response.Close(Encoding.UTF8.GetBytes("<!DOCTYPE html><title>Free kittens</title>"), willBlock: false);
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
