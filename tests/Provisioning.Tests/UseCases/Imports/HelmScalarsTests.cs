using Portkey.Portal.Provisioning.UseCases.Imports;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Imports;

/// <summary>What Helm makes of scalars without quotes; each row was seen in the output of helm template.</summary>
public sealed class HelmScalarsTests
{
    [Theory]
    [InlineData("y", "true")]
    [InlineData("yes", "true")]
    [InlineData("On", "true")]
    [InlineData("n", "false")]
    [InlineData("OFF", "false")]
    [InlineData("TRUE", "true")]
    [InlineData("tRue", null)]
    [InlineData("0123", "83")]
    [InlineData("-0123", "-83")]
    [InlineData("08787", "8787")]
    [InlineData("0o17", "15")]
    [InlineData("0x1F", "31")]
    [InlineData("0b11", "3")]
    [InlineData("1_000", "1000")]
    [InlineData("0_1", "1")]
    [InlineData("6e4", "60000")]
    [InlineData("1e", null)]
    [InlineData("1.0", "1")]
    [InlineData("2.10", "2.1")]
    [InlineData(".5", "0.5")]
    [InlineData("+1", "1")]
    [InlineData("-0", "0")]
    [InlineData("00", "0")]
    [InlineData("0123456", "42798")]
    [InlineData("123456", "123456")]
    [InlineData("1234567", "1.234567e+06")]
    [InlineData("2147483648", "2.147483648e+09")]
    [InlineData("1234567890123456789", "1.2345678901234568e+18")]
    [InlineData("12345678901234567890", "1.2345678901234567e+19")]
    [InlineData("100000000000000000000000", "1e+23")]
    [InlineData("9007199254740993", "9.007199254740992e+15")]
    [InlineData("0.0000001", "1e-07")]
    [InlineData("1.5e300", "1.5e+300")]
    [InlineData("6.25", "6.25")]
    [InlineData("1:30", null)]
    [InlineData("2020-01-01", null)]
    [InlineData("=", null)]
    [InlineData("2.13.0", null)]
    public void Printed_OfAPlainScalar_IsWhatATemplateOfHelmPrints(string plain, string? printed) =>
        Assert.Equal(printed, HelmScalars.Printed(plain));
}
