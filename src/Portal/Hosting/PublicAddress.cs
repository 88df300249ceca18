using Microsoft.Extensions.Options;

namespace Portkey.Portal.Web.Hosting;

/// <summary>
/// Where browsers find the portal, and so which Host and which Origin a request may name. In Development the names of this machine itself
/// serve too: no other host can have a page there, and no other name can be made to point there.
/// </summary>
internal sealed class PublicAddress(IOptions<PortalOptions> options, IHostEnvironment environment)
{
    private readonly Uri? address = Parse(options.Value.PublicUrl);
    private readonly bool development = environment.IsDevelopment();

    /// <summary>For people: where the portal's own pages are.</summary>
    public string EnumNames => address is null ? "an address of this machine, such as http://localhost:5080" : Origin(address);

    /// <summary>True for a Host header that is ours. Its port is the business of whatever stands in front.</summary>
    public bool IsOurHost(HostString host) => (address is not null && Same(host.Host, address.Host)) || (development && IsLoopback(host));

    /// <summary>True when this is the Origin that a browser gives to the portal's own pages.</summary>
    public bool IsOurOrigin(HttpRequest request, string origin) =>
        (address is not null && Same(origin, Origin(address)))
        || (development && IsLoopback(request.Host) && Same(origin, $"{request.Scheme}://{request.Host.Value}"));

    /// <summary>True for a name by which only programs of this machine reach it.</summary>
    public static bool IsLoopback(HostString host) => host.Host is "127.0.0.1" or "[::1]" || Same(host.Host, "localhost");

    /// <summary>What is wrong with the setting; null when nothing is.</summary>
    public static string? WhyNot(string text, bool isDevelopment)
    {
        if (text.Length == 0)
        {
            return isDevelopment
                ? null
                : "Portal:PublicUrl is missing: give the address that browsers use, such as https://portal.example.com. Only pages from there may change anything.";
        }

        if (
            Parse(text) is not { } uri
            || uri.AbsolutePath != "/"
            || uri.Query.Length > 0
            || uri.Fragment.Length > 0
            || uri.UserInfo.Length > 0
        )
        {
            return "Portal:PublicUrl must be https://HOST or https://HOST:PORT, without path, query or credentials, and in ASCII.";
        }

        return uri.Scheme == Uri.UriSchemeHttps || isDevelopment || IsLoopback(new HostString(uri.Host))
            ? null
            : "Portal:PublicUrl must begin with https:// outside Development.";
    }

    private static Uri? Parse(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https"
        && uri.Host.Length > 0
        && text.All(char.IsAscii)
            ? uri
            : null;

    private static string Origin(Uri uri) => uri.GetLeftPart(UriPartial.Authority);

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
