using System.Globalization;
using System.Net;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>A range that the gateway may call, <c>10.0.0.0/8</c> or <c>10.0.0.0/8:443</c>, IPv6 as <c>[fd00::/8]:443</c>.</summary>
public sealed record EgressRule(string Cidr, int? Port)
{
    /// <summary>Reads a rule; null when it is not one.</summary>
    public static EgressRule? TryParse(string text)
    {
        var (cidr, port) = (text, (int?)null);
        var colon = text.LastIndexOf(':');
        if (colon > text.LastIndexOf('/') && colon > 0)
        {
            if (
                !int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || number is < 1 or > 65535
            )
            {
                return null;
            }

            (cidr, port) = (text[..colon], number);
        }

        cidr = cidr.StartsWith('[') && cidr.EndsWith(']') ? cidr[1..^1] : cidr;
        return IsRange(cidr) ? new EgressRule(cidr, port) : null;
    }

    /// <summary>Whether it is a CIDR range with all host bits zero. .NET itself accepts set ones, but what a person meant by them is a
    /// guess.</summary>
    public static bool IsRange(string text) =>
        IPNetwork.TryParse(text, out var network)
        && IPAddress.TryParse(text[..text.IndexOf('/')], out var address)
        && network.BaseAddress.Equals(address);
}
