// libargon2 for passwords.
#pragma once
#include <argon2.h>
