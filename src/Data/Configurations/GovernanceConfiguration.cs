using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portkey.Portal.Data.Configurations;

internal sealed class GovernanceChangeConfiguration : IEntityTypeConfiguration<GovernanceChange>
{
    public void Configure(EntityTypeBuilder<GovernanceChange> builder)
    {
        builder.Property(c => c.BeforeJson).HasMaxLength(-1);
        builder.Property(c => c.AfterJson).HasMaxLength(-1);
        builder.Property(c => c.PayloadJson).HasMaxLength(-1);
        builder.Property(c => c.Reason).HasMaxLength(2000);
        builder.Property(c => c.Version).IsConcurrencyToken();
        builder.HasIndex(c => new { c.Kind, c.TargetId }).IsUnique().HasFilter("state = 'Pending'");
        builder.HasIndex(c => new { c.State, c.Id });
    }
}

internal sealed class BootstrapEndConfiguration : IEntityTypeConfiguration<BootstrapEnd>
{
    public void Configure(EntityTypeBuilder<BootstrapEnd> builder)
    {
        builder.Property(b => b.Id).ValueGeneratedNever();
        builder.Property(b => b.Administrators).HasMaxLength(2000);
    }
}
