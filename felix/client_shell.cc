#include "felix/client_shell.h"

namespace felix::command {

Result<std::unique_ptr<ClientShell>> ClientShell::open(const ClientFlags& flags) {
  FELIX_TRY(client::ConnectOptions options, connect_options(flags));
  std::unique_ptr<ClientShell> shell(new ClientShell);
  FELIX_TRY(shell->loop_, io::Loop::create(shell->clock_));
  shell->on_interrupt_ = [loop = shell->loop_.get()] { loop->stop(); };
  io::Signals::Actions actions;
  actions.on_terminate = [self = shell.get()](int) {
    self->interrupted_ = true;
    self->on_interrupt_();
  };
  FELIX_TRY(shell->signals_, io::Signals::install(*shell->loop_, std::move(actions)));
  FELIX_TRY(shell->session_, client::Session::create(*shell->loop_, std::move(options)));
  FELIX_CHECK(shell->session_->connect());
  return shell;
}

}  // namespace felix::command
