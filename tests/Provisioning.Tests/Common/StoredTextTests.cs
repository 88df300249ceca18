using Portkey.Portal.Provisioning.Common;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Common;

public sealed class StoredTextTests
{
    [Theory]
    [InlineData("short", 10, "short")]
    [InlineData("exactly-10", 10, "exactly-10")]
    [InlineData("exactly--11", 10, "exactly--…")]
    [InlineData("a\0b", 10, "a\uFFFDb")]
    [InlineData("1234567\U0001F511 x", 9, "1234567…")]
    public void Fit_Text_IsWithinItsLengthAndWhole(string text, int longest, string expected) =>
        Assert.Equal(expected, StoredText.Fit(text, longest));
}
