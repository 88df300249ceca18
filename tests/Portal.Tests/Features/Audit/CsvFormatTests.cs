using Portkey.Portal.Web.Features.Audit;
using Portkey.Portal.Web.Hosting.Api;

namespace Portkey.Portal.Tests.Features.Audit;

public sealed class CsvFormatTests
{
    [Theory]
    [InlineData("plain", "\"plain\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("=HYPERLINK(1)", "\"'=HYPERLINK(1)\"")]
    [InlineData("+1", "\"'+1\"")]
    [InlineData("-1", "\"'-1\"")]
    [InlineData("@x", "\"'@x\"")]
    [InlineData("", "\"\"")]
    [InlineData("\n=1", "\"'\n=1\"")]
    public void Cell_Text_IsQuotedAndNeverAFormula(string text, string cell) =>
        Assert.Equal($"{cell},\"end\"\r\n", CsvFormat.Row(text, "end"));
}
