using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clouds;

public sealed class RedactorTests
{
    [Theory]
    [InlineData("Authorization: Bearer abcdef1234567890", "abcdef1234567890")]
    [InlineData("redis://user:hunter22@redis:6379/0", "hunter22")]
    [InlineData("client-key-data: LS0tLS1CRUdJTg==", "LS0tLS1CRUdJTg==")]
    [InlineData("{\"apiKey\":\"pk-0123456789abcdef0123\"}", "pk-0123456789abcdef0123")]
    [InlineData("PORTKEY_CLIENT_AUTH=0123456789abcdef0123", "0123456789abcdef0123")]
    [InlineData("token eyJhbGciOiJSUzI1.eyJzdWIiOiJ4In0x.c2ln", "eyJzdWIiOiJ4In0x")]
    public void Redact_OfWhatLooksLikeASecret_MasksIt(string text, string secret)
    {
        var shown = Redactor.Default.Redact(text);
        Assert.DoesNotContain(secret, shown, StringComparison.Ordinal);
        Assert.Contains("***", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Redact_OfExactValues_MasksThemInEveryCoat()
    {
        var redactor = Redactor.With([new SecretValue("sun & \"moon\"")]);
        Assert.Equal("a *** b ***", redactor.Redact($"a sun & \"moon\" b {Convert.ToBase64String("sun & \"moon\""u8)}"));
    }

    [Theory]
    [InlineData("Pod gateway-1: ready")]
    [InlineData("secret \"env-1-key\" not found")]
    [InlineData("GET https://127.0.0.1:6443/api answered")]
    public void Redact_OfPlainText_LeavesIt(string text) => Assert.Equal(text, Redactor.Default.Redact(text));
}
