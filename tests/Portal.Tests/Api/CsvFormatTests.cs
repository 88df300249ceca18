using Portkey.Portal.Web.Api;

namespace Portkey.Portal.Portal.Tests.Api;

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
    public void Cell_Text_IsQuotedAndNeverAFormula(string text, string cell) => Assert.Equal(cell, CsvFormat.Cell(text));
}
