using System.Globalization;

namespace Portkey.Portal.Web.Hosting.Api;

/// <summary>When to look again at what is not done yet.</summary>
internal static class Waiting
{
    /// <summary>Seconds after which a step of an operation may be further.</summary>
    public const int OperationSeconds = 2;

    /// <summary>Says it to the caller.</summary>
    public static void LookAgain(HttpContext http, int seconds) =>
        http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
}
